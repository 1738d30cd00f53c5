import MarketData

/// Progress as lines for a log or a file: one when a source begins to wait, one about every ten seconds for each that runs, one when it ends.
struct ProgressLines {
    private static let interval: Int64 = 10_000
    /// A wait that is over in a moment is not worth a line.
    private static let shortestWait: Int64 = 1_000

    private struct Told {
        var at: Int64
        var state = RunProgress.State.running
        var rows = 0
    }

    private var told: [String: Told] = [:]

    /// What is to be told now.
    ///
    /// - Parameter time: In milliseconds, of a clock that nobody sets.
    mutating func lines(_ progress: RunProgress, at time: Int64) -> [String] {
        progress.sources.compactMap { source in
            var last = told[source.name] ?? Told(at: time)
            defer { told[source.name] = last }
            guard isWorthALine(source, last, progress, time) else { return nil }
            last = Told(at: time, state: source.state, rows: source.rows)
            let rate = source.rate.map { ", \(groupedText($0))/s" } ?? ""
            return switch source.state {
            case .running: "\(source.name): \(groupedText(source.rows, "record"))\(rate)"
            case .waiting: "\(source.name): \(source.activity(at: progress.now))"
            case .ended: "\(source.name): \(source.activity(at: progress.now)), \(groupedText(source.rows, "record"))"
            }
        }
    }

    private func isWorthALine(_ source: RunProgress.Source, _ last: Told, _ progress: RunProgress, _ time: Int64) -> Bool {
        switch source.state {
        case .running: time - last.at >= Self.interval && source.rows != last.rows
        case .waiting(let until, _): source.state != last.state && until.milliseconds - progress.now.milliseconds >= Self.shortestWait
        case .ended: source.state != last.state
        }
    }
}
