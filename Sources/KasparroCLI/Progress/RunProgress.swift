import Ingest
import MarketData

/// How far a run is at one moment, source by source.
struct RunProgress: Equatable {
    enum State: Equatable {
        case running
        /// A request waits until then; why is a word of `SourceLimits.waitingFor`.
        case waiting(until: Timestamp, why: String)
        /// As which the source has ended.
        case ended(String)
    }

    struct Source: Equatable {
        var name: String
        var state: State
        /// Records in committed batches.
        var rows = 0
        /// Records a second of late; nil while that cannot be said.
        var rate: Int?
    }

    var runID: String
    var sources: [Source]
    /// When this was so, by the clock that the waits are told by.
    var now: Timestamp
    var startedAt: Timestamp

    /// - Parameters:
    ///   - run: As `/runs/{id}` shows it.
    ///   - waits: By source.
    init?(_ run: JSONValue, waits: [String: State], now: Timestamp) {
        guard let runID = run.member("run_id")?.string, let bySource = run.member("by_source"),
            let startedAt = run.member("started_at")?.string.flatMap({ try? Timestamp.parse($0) })
        else { return nil }
        self.runID = runID
        self.now = now
        self.startedAt = startedAt
        sources = bySource.members.map { name, value in
            let name = name.string ?? ""
            let status = value.member("status")?.string ?? ""
            let isRunning = status == RunRecord.Status.running.rawValue
            let rows = Int(value.member("rows")?.integer ?? 0)
            return Source(name: name, state: isRunning ? waits[name] ?? .running : .ended(status), rows: rows)
        }
    }

    init(runID: String, sources: [Source], now: Timestamp, startedAt: Timestamp) {
        self.runID = runID
        self.sources = sources
        self.now = now
        self.startedAt = startedAt
    }
}

extension [String: RunProgress.State] {
    /// The requests that wait, by source.
    init(_ sources: [SourceStatus]) {
        self.init()
        for source in sources {
            guard let until = source.limits?.waitingUntil else { continue }
            self[source.name] = .waiting(until: until, why: source.limits?.waitingFor ?? "")
        }
    }

    /// The same as `/stats` tells it.
    init(_ statistics: JSONValue) {
        self.init()
        for (name, limits) in statistics.member("rate_limits")?.members.map({ $0 }) ?? [] {
            guard let name = name.string, let until = limits.member("waiting_until")?.string.flatMap({ try? Timestamp.parse($0) }) else { continue }
            self[name] = .waiting(until: until, why: limits.member("waiting_for")?.string ?? "")
        }
    }
}

/// Tells from one look at a run to the next how many records come in a second.
struct RateMeter {
    /// Looks that are older are forgotten.
    private static let window: Int64 = 5_000
    /// In a shorter time rates are noise.
    private static let shortest: Int64 = 500

    private var looks: [String: [(milliseconds: Int64, rows: Int)]] = [:]

    /// - Parameter time: In milliseconds, of a clock that nobody sets.
    mutating func measure(_ progress: inout RunProgress, at time: Int64) {
        for index in progress.sources.indices {
            let source = progress.sources[index]
            var seen = looks[source.name] ?? []
            seen.append((time, source.rows))
            // The first one at or before the window's beginning is what it begins with.
            while seen.count > 2, seen[1].milliseconds <= time - Self.window { seen.removeFirst() }
            looks[source.name] = seen
            let (passed, rows) = (time - seen[0].milliseconds, source.rows - seen[0].rows)
            if case .running = source.state, passed >= Self.shortest { progress.sources[index].rate = Int(Int64(rows) * 1_000 / passed) }
        }
    }
}
