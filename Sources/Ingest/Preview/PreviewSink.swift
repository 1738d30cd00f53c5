import MarketData
import Synchronization
import TickerStore

/// Looks at a run's batches in the place of the store, and ends the run when it has seen enough.
final class PreviewSink: BatchSink {
    fileprivate static let shownRows = 3
    fileprivate static let shownRejections = 3
    /// Records after which a source without a single good one is given up.
    private static let patience = 20_000
    fileprivate static let shownBytes = 200

    /// What has been seen so far.
    struct Seen: Sendable {
        var records = 0
        var good = 0
        var quarantined = 0
        var rows: [String] = []
        var rejections: [PreviewReport.Rejection] = []
    }

    private let state = Mutex(Seen())
    private let enough = Mutex<@Sendable () -> Void>({})

    /// Called when enough was seen.
    var onEnough: @Sendable () -> Void {
        get { enough.withLock { $0 } }
        set { enough.withLock { $0 = newValue } }
    }

    var seen: Seen { state.withLock { $0 } }

    func submit(_ batch: Batch, completion: @escaping @Sendable (Result<CommitCounts, StoreError>) -> Void) {
        let isEnough = state.withLock { seen in
            seen.add(batch)
            return seen.good >= Self.shownRows || seen.records >= Self.patience
        }
        completion(.success(CommitCounts()))
        if isEnough { onEnough() }
    }
}

extension PreviewSink.Seen {
    fileprivate mutating func add(_ batch: Batch) {
        records += batch.rows.count + batch.quarantined.count
        good += batch.rows.count
        quarantined += batch.quarantined.count
        var start = 0
        for row in batch.rows.prefix(PreviewSink.shownRows - rows.count) {
            let end = start + Int(row.lineLength)
            // Without the line end.
            rows.append(String(decoding: batch.lines[start..<end - 1], as: UTF8.self))
            start = end
        }
        for record in batch.quarantined.prefix(PreviewSink.shownRejections - rejections.count) {
            rejections.append(
                PreviewReport.Rejection(
                    place: record.place,
                    position: record.position,
                    reasons: record.reasons,
                    record: PreviewSink.shown(record.content)
                )
            )
        }
    }
}

extension PreviewSink {
    /// A stranger's bytes as one short, harmless line.
    fileprivate static func shown(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(shownBytes), as: UTF8.self)
        let line = String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
        return bytes.count > shownBytes ? line + "…" : line
    }
}
