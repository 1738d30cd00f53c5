import MarketData
import Synchronization
import TickerStore

/// The pieces of a run in the store's state while it goes on, and how they are folded.
///
/// | key | value | written with |
/// |---|---|---|
/// | `run/<sequence>` | start: id, trigger, sources, counts | a commit of its own, before the first batch |
/// | `run/<sequence>/batch/<number>` | summary of one batch; the newest 1,000 | that batch |
/// | `run/<sequence>/ended/<source>` | that source is done | a commit of its own, behind the source's last batch |
/// | `run/<sequence>/totals` | sums over all batches, by source | each batch |
/// | `run/<sequence>/mappings` | what was found of the sources' fields | the next batch |
/// | `run/<sequence>/end` | status, errors | nothing any more: older stores have it |
///
/// The commit that ends a run writes its line to the `runs` family and removes its keys.
enum RunState {
    static let prefix = "run/"

    static func startKey(_ sequence: Int) -> String { prefix + padded(sequence, 10) }
    static func batchKey(_ sequence: Int, _ number: Int) -> String { startKey(sequence) + "/batch/" + padded(number, 8) }
    static func totalsKey(_ sequence: Int) -> String { startKey(sequence) + "/totals" }
    static func endedKey(_ sequence: Int, _ source: String) -> String { startKey(sequence) + "/ended/" + source }
    static func mappingsKey(_ sequence: Int) -> String { startKey(sequence) + "/mappings" }
    static func endKey(_ sequence: Int) -> String { startKey(sequence) + "/end" }

    static func start(_ record: RunRecord) -> StateChange {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("run_id", record.runID)
        writer.member("trigger", record.trigger)
        writer.member("source", record.source)
        writer.array("sources", record.sources) { $0.string($1) }
        writer.member("started_at", record.startedAt.description)
        writer.member("raw", record.preRunCounts.raw)
        writer.member("normalized", record.preRunCounts.normalized)
        if let resumeFrom = record.resumeFrom {
            writer.key("resume_from")
            resumeFrom.append(to: &writer)
        }
        writer.endObject()
        return StateChange(key: startKey(record.sequence), value: writer.bytes)
    }

    static func batch(_ summary: RunRecord.BatchSummary, sequence: Int) -> StateChange {
        var writer = JSONWriter()
        summary.append(to: &writer)
        return StateChange(key: batchKey(sequence, summary.number), value: writer.bytes)
    }

    static func totals(_ totals: [String: RunTotals], sequence: Int) -> StateChange {
        var writer = JSONWriter()
        RunTotals.append(totals, to: &writer)
        return StateChange(key: totalsKey(sequence), value: writer.bytes)
    }

    static func mappings(_ report: MappingReport, sequence: Int) -> StateChange {
        var writer = JSONWriter()
        writer.beginObject()
        report.append(to: &writer)
        writer.endObject()
        return StateChange(key: mappingsKey(sequence), value: writer.bytes)
    }

    static func ended(_ source: String, sequence: Int) -> StateChange {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("source", source)
        writer.endObject()
        return StateChange(key: endedKey(sequence, source), value: writer.bytes)
    }

    /// Takes a run out of the state.
    static func removal(of record: RunRecord) -> [StateChange] {
        let first = max(record.firstBatchNumber, record.nextBatchNumber - RunRecord.listedBatches)
        let batches = (first..<record.nextBatchNumber).map { batchKey(record.sequence, $0) }
        let ended = record.endedSources.map { endedKey(record.sequence, $0) }
        return ([startKey(record.sequence), totalsKey(record.sequence), mappingsKey(record.sequence)] + batches + ended).map {
            StateChange(key: $0, value: nil)
        }
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

// MARK: - Folding

extension RunState {
    /// A run that the state has, with all its keys.
    struct Leftover {
        var run: RunRecord
        var keys: [String]
    }

    /// The runs in the state, oldest first; one without an end is `running`. A piece that cannot be read is left out, a run without a start
    /// stays where it is.
    static func leftovers(_ state: [(key: String, value: [UInt8])]) -> [Leftover] {
        var found: [Int: Leftover] = [:]
        // Keys come sorted, so a start precedes its batches, and these the end and the totals.
        for (key, value) in state where key.hasPrefix(prefix) {
            let parts = key.dropFirst(prefix.count).split(separator: "/")
            guard let sequence = parts.first.flatMap({ Int($0) }) else { continue }
            let root = try? JSONDocument(parsing: value).root
            if parts.count == 1 {
                found[sequence] = root.flatMap { started($0, sequence: sequence) }.map { Leftover(run: $0, keys: []) }
            } else if let root {
                switch parts[1] {
                case "end": found[sequence]?.run.fold(end: root, statistics: root)
                case "ended": if let source = root.member("source")?.string { found[sequence]?.run.endedSources.append(source) }
                case "mappings": found[sequence]?.run.take(MappingReport(root))
                case "totals": found[sequence]?.run.totals = RunTotals.read(root)
                default: if let summary = RunRecord.BatchSummary(root) { found[sequence]?.run.append(summary) }
                }
            }
            found[sequence]?.keys.append(key)
        }
        return found.values.sorted { $0.run.sequence < $1.run.sequence }
    }

    private static func started(_ root: JSONValue, sequence: Int) -> RunRecord? { RunRecord(start: root, sequence: sequence, counts: root) }
}

/// What each batch of a run changes in the state about the run itself.
///
/// Called on the store's thread in the middle of a commit, in the order of the batches, and perhaps twice for one batch.
final class RunLedger: Sendable {
    private let sequence: Int
    private let firstNumber: Int
    /// The sums behind a batch, by its number, of the newest batches.
    private let sums = Mutex<[Int: [String: RunTotals]]>([:])

    init(_ record: RunRecord) {
        sequence = record.sequence
        firstNumber = record.firstBatchNumber
    }

    func changes(with summary: RunRecord.BatchSummary) -> [StateChange] {
        let totals = sums.withLock { sums in
            // Not always the one before: a batch that failed has a number, too.
            var totals = sums.keys.filter { $0 < summary.number }.max().flatMap { sums[$0] } ?? [:]
            totals[summary.source, default: RunTotals()].add(summary)
            sums[summary.number] = totals
            // A commit takes back no more batches than a run has on their way.
            sums = sums.filter { $0.key > summary.number - 2 * ActiveRun.batchesInFlight }
            return totals
        }
        var changes = [RunState.batch(summary, sequence: sequence), RunState.totals(totals, sequence: sequence)]
        let old = summary.number - RunRecord.listedBatches
        if old >= firstNumber { changes.append(StateChange(key: RunState.batchKey(sequence, old), value: nil)) }
        return changes
    }
}
