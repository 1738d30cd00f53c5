import MarketData
import TickerStore

/// What is known of all runs since the store was made, the runs themselves being out of reach: the state's key `counters`.
///
/// It changes in the commit that takes a finished run out of the state, so that each run is counted once.
struct RunCounters: Sendable, Equatable {
    static let key = "counters"

    /// The highest number of a finished run.
    var lastSequence = 0
    /// Records skipped because they were stored before.
    var duplicatesPrevented = 0
    var lastSuccessfulRunID: String?
    /// When the newest run over a source began, by the source's name.
    var lastAttempts: [String: Timestamp] = [:]
    /// When each source's newest attempt ended that did not fail.
    var lastSuccesses: [String: Timestamp] = [:]
    /// By source: its newest row when that attempt ended.
    var watermarks: [String: Timestamp] = [:]
    /// By source: attempts that have failed since.
    var failures: [String: Int] = [:]
    /// By source: what the newest of them says.
    var causes: [String: String] = [:]

    /// - Parameter newest: the newest row that the store has of a source.
    mutating func add(_ run: RunRecord, newest: (String) -> Timestamp? = { _ in nil }) {
        lastSequence = max(lastSequence, run.sequence)
        duplicatesPrevented += run.skipped
        if run.status == .success, !run.isReplay { lastSuccessfulRunID = run.runID }
        if run.isReplay { return }
        for source in run.sources { lastAttempts[source] = run.startedAt }
        judge(run, newest)
    }

    /// Attempts that seem to lie ahead were made by a wrong clock.
    mutating func acceptClock(_ now: Timestamp) {
        for (source, time) in lastAttempts where time > now { lastAttempts[source] = now }
    }

    var change: StateChange {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("last_sequence", lastSequence)
        writer.member("duplicates_prevented", duplicatesPrevented)
        writer.member("last_successful_run_id", lastSuccessfulRunID)
        for (name, times) in [("last_attempts", lastAttempts), ("last_successes", lastSuccesses), ("watermarks", watermarks)] {
            writer.key(name)
            writer.beginObject()
            for (source, time) in times.sorted(by: { $0.key < $1.key }) { writer.member(source, time.description) }
            writer.endObject()
        }
        writer.key("failures")
        writer.beginObject()
        for (source, count) in failures.sorted(by: { $0.key < $1.key }) { writer.member(source, count) }
        writer.endObject()
        writer.key("causes")
        writer.beginObject()
        for (source, cause) in causes.sorted(by: { $0.key < $1.key }) { writer.member(source, cause) }
        writer.endObject()
        writer.endObject()
        return StateChange(key: Self.key, value: writer.bytes)
    }
}

extension RunCounters {
    /// As the state has them; zeros in a store that no run has ended in.
    init(_ state: [(key: String, value: [UInt8])]) {
        guard let value = state.first(where: { $0.key == Self.key })?.value, let root = try? JSONDocument(parsing: value).root else { return }
        lastSequence = Int(root.member("last_sequence")?.integer ?? 0)
        duplicatesPrevented = Int(root.member("duplicates_prevented")?.integer ?? 0)
        lastSuccessfulRunID = root.member("last_successful_run_id")?.string
        lastAttempts = Self.times(root.member("last_attempts"))
        lastSuccesses = Self.times(root.member("last_successes"))
        watermarks = Self.times(root.member("watermarks"))
        for (source, count) in root.member("failures")?.members.map({ $0 }) ?? [] {
            if let source = source.string, let count = count.integer { failures[source] = Int(count) }
        }
        for (source, cause) in root.member("causes")?.members.map({ $0 }) ?? [] {
            if let source = source.string { causes[source] = cause.string }
        }
    }

    /// By source.
    private static func times(_ object: JSONValue?) -> [String: Timestamp] {
        var times: [String: Timestamp] = [:]
        for (source, time) in object?.members.map({ $0 }) ?? [] {
            guard let source = source.string, let time = time.string.flatMap({ try? Timestamp.parse($0) }) else { continue }
            times[source] = time
        }
        return times
    }
}
