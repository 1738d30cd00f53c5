import MarketData
import Synchronization
import TickerStore

/// Whether a record that waited is newer than the stored row with its identity: a replayed record never replaces a row that was fetched after it
/// (spec section 5), nor one that came with it.
///
/// The time of fetching alone does not tell, because the machine's clock may have been set back between the two, and the order of commits alone does
/// not either, because a row that an earlier replay has stored was committed late and fetched early. Where the two disagree and no replay explains it,
/// or a line is so old that it has no LSN, nothing is overwritten and nothing is given up: the record goes on waiting.
final class ReplayOrder: Sendable {
    private let ownRunID: String
    /// The runs of the store that were replays, once somebody asked.
    private let replays = Mutex<Set<String>?>(nil)

    /// Runs that are looked through for replays, newest first, and how many are read at once.
    private static let longestLook = 20_000
    private static let pageLength = 500

    /// - Parameter ownRunID: The replay that goes on; the store has no line of it yet.
    init(ownRunID: String) { self.ownRunID = ownRunID }

    /// - Parameter records: Those of which the draft is one; they were fetched together.
    func verdict(on draft: RowDraft, _ source: [UInt8], over records: [WaitingRecord], in snapshot: Snapshot) -> WaitingRecords.Verdict {
        let key = SeriesKey(symbol: draft.symbol, source: source, sourceID: draft.sourceID)
        var query = RowQuery()
        query.symbols = [key.symbol]
        query.sources = [key.source]
        query.sourceIDs = [key.sourceID]
        query.from = draft.timestamp
        query.to = Timestamp(milliseconds: draft.timestamp.milliseconds + 1)
        query.limit = 1
        guard let page = try? snapshot.page(query) else { return .keep }
        if page.rowCount == 0 { return .store }
        guard let raw = try? snapshot.rawRecord(of: key, timestamp: draft.timestamp) else { return .keep }
        return verdict(on: raw, over: records, in: snapshot)
    }

    private func verdict(on raw: RawRecord, over records: [WaitingRecord], in snapshot: Snapshot) -> WaitingRecords.Verdict {
        let fetchedAt = records[0].recordedAt
        if raw.fetchedAt == fetchedAt { return .keep }
        let isFetchedBefore = raw.fetchedAt < fetchedAt
        guard let committed = isCommittedBefore(raw, records) else { return .keep }
        if committed == isFetchedBefore { return committed ? .store : .outdated }
        // Committed before, and yet fetched later by the clock: that was set back between them.
        if committed { return .store }
        return isReplay(raw.runID, snapshot) ? .store : .keep
    }

    /// Whether the row was committed before all of the records came; nil: their lines do not tell.
    private func isCommittedBefore(_ raw: RawRecord, _ records: [WaitingRecord]) -> Bool? {
        let waiting = records.map(\.lsn)
        guard let lsn = raw.lsn else {
            // What an older version sealed was there before anything that has an LSN.
            return waiting.contains(nil) ? nil : true
        }
        return waiting.allSatisfy { $0.map { $0 > lsn } ?? false }
    }

    private func isReplay(_ runID: String, _ snapshot: Snapshot) -> Bool {
        if runID == ownRunID { return true }
        return replays.withLock { known in
            let found = known ?? Self.replays(in: snapshot)
            known = found
            return found.contains(runID)
        }
    }

    private static func replays(in snapshot: Snapshot) -> Set<String> {
        var found: Set<String> = []
        var position: Int64?
        var looked = 0
        while looked < longestLook, let lines = try? snapshot.records(.runs, before: position, limit: pageLength), let last = lines.last {
            for line in lines {
                guard let root = try? JSONDocument(parsing: line.line).root, root.member("trigger")?.string == "replay",
                    let runID = root.member("run_id")?.string
                else { continue }
                found.insert(runID)
            }
            looked += lines.count
            position = last.position
        }
        return found
    }
}
