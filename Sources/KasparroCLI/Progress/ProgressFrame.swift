import MarketData

/// Progress as the lines that a terminal shows.
struct ProgressFrame {
    /// Of the terminal.
    var columns: Int
    var rows: Int
    var isColored: Bool

    /// A line for the run and one for each source, as many as there is room for; none is as wide as the terminal, so that none breaks.
    func lines(_ progress: RunProgress) -> [String] {
        let elapsed = durationText(max(0, progress.now.milliseconds - progress.startedAt.milliseconds))
        // A line is left free, where the shell's prompt comes.
        let room = max(1, rows - 3)
        let shown = progress.sources.count <= room ? progress.sources[...] : Self.mostTelling(progress.sources, room - 1)
        let names = shown.map(\.name.count).max() ?? 0
        let counts = shown.map { groupedText($0.rows, "record").count }.max() ?? 0
        var lines = [cut("run \(progress.runID), \(elapsed)")]
        for source in shown {
            var line = "  \(source.name.padded(to: names))  \(groupedText(source.rows, "record").padded(to: counts, isRight: true))  "
            let activity: String
            if source.state == .running, let rate = source.rate, rate > 0 {
                activity = "\(groupedText(rate))/s"
            } else {
                activity = source.activity(at: progress.now)
            }
            let start = line.count
            line = cut(line + activity)
            lines.append(colored(line, from: start, source.state))
        }
        if shown.count < progress.sources.count { lines.append(cut("  and \(progress.sources.count - shown.count) more")) }
        return lines
    }

    /// Those that still do something come before those that have ended, else as they are.
    private static func mostTelling(_ sources: [RunProgress.Source], _ room: Int) -> ArraySlice<RunProgress.Source> {
        func hasEnded(_ source: RunProgress.Source) -> Bool { if case .ended = source.state { true } else { false } }
        return (sources.filter { !hasEnded($0) } + sources.filter(hasEnded)).prefix(max(0, room))
    }

    private func cut(_ line: String) -> String { String(line.prefix(max(1, columns - 1))) }

    private func colored(_ line: String, from start: Int, _ state: RunProgress.State) -> String {
        guard isColored, line.count > start else { return line }
        let color: String
        switch state {
        case .running: return line
        case .waiting: color = "33"
        case .ended("success"), .ended("nothing"): color = "32"
        case .ended("failed"): color = "31"
        case .ended: color = "33"
        }
        return "\(line.prefix(start))\u{1B}[\(color)m\(line.dropFirst(start))\u{1B}[0m"
    }
}
