import Synchronization
import TickerStore

/// What the commits of one file's batches did, told from the store's thread.
final class FileTally: Sendable {
    /// Above one in so many, rows that replace others are no corrections (spec section 5).
    private static let overwriteShare = 100

    let path: String
    private let counts = Mutex<(rows: Int, updated: Int, repeats: Int)>((0, 0, 0))

    init(path: String) { self.path = path }

    func add(_ summary: RunRecord.BatchSummary) {
        counts.withLock {
            $0.rows += summary.inserted + summary.updated + summary.skipped
            $0.updated += summary.updated
        }
    }

    /// Takes note of how many rows had coin and time of an earlier one of the same file.
    func note(repeats: Int) { counts.withLock { $0.repeats = max($0.repeats, repeats) } }

    /// What is wrong when too many of the file's rows replaced rows of other content.
    var complaint: String? {
        let (rows, updated, repeats) = counts.withLock { $0 }
        guard updated * Self.overwriteShare > rows else { return nil }
        if repeats * 2 >= updated {
            return
                "\(path): overwrites: it has the same coin and time more than once: \(updated) of its \(rows) rows replaced an earlier one, the later"
                + " line counts; where these are different coins, declare the column that tells them apart as source_id"
        }
        return "\(path): overwrites: \(updated) of its \(rows) rows replaced stored rows of other content; "
            + "where two files tell of the same coins and times, give each a source entry with its own file-name pattern"
    }
}
