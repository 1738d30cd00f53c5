package import MarketData
import Synchronization

/// One atom of the store: rows, their raw records, quarantined records that come or go, and what all this changes in the state.
///
/// After a crash all of it is there or none of it. At most `LogFormat.maximumBatchRows` rows,
/// `LogFormat.maximumBatchBytes` bytes and `LogFormat.maximumBatchRemovals` removed records.
package struct Batch: Sendable {
    /// The series that `rows` refer to.
    package var series: [SeriesKey] = []
    package var rows: [BatchRow] = []
    /// The rows' JSON lines in order, each ended by a newline.
    package var lines: [UInt8] = []
    /// The rows' raw records in order.
    package var raw: [UInt8] = []
    package var origin: BatchOrigin
    package var quarantined: [QuarantinedRecord] = []
    /// Ids of quarantined records that this batch takes out, before its own are added. One that does not wait is passed over.
    package var removed: [RecordDigest] = []
    /// Lines for the families that are only appended to: runs and outliers.
    package var records: [LineRecord] = []
    /// What the batch changes in the state, once the store has counted what it did with the rows.
    /// Called on the store's thread, in the middle of the commit; it must be quick and must not call the store.
    package var state: @Sendable (CommitCounts) -> [StateChange] = { _ in [] }

    /// The batches that this one belongs to; nil: it stands alone.
    package var sequence: BatchSequence?

    package init(origin: BatchOrigin) {
        self.origin = origin
    }

    /// Bytes that count against `LogFormat.maximumBatchBytes`. Headers do not: records that follow each other share theirs on the disk.
    package var byteCount: Int {
        lines.count + raw.count + quarantined.reduce(0) { $0 + $1.content.count } + records.reduce(0) { $0 + $1.line.count }
    }
}

/// Batches of which each builds on those before it, as a checkpoint builds on the rows it speaks of: once one has failed, no later one is taken.
package final class BatchSequence: Sendable {
    private let failed = Atomic<Bool>(false)

    package init() {}

    var hasFailed: Bool { failed.load(ordering: .acquiring) }
    func fail() { failed.store(true, ordering: .releasing) }
}

/// The key and the lengths of one row of a batch.
package struct BatchRow: Sendable {
    /// Index into `Batch.series`.
    package var series: UInt32
    /// Bytes of the line, its newline included.
    package var lineLength: UInt32
    package var rawLength: UInt32
    package var timestamp: Timestamp

    package init(series: UInt32, lineLength: UInt32, rawLength: UInt32, timestamp: Timestamp) {
        self.series = series
        self.lineLength = lineLength
        self.rawLength = rawLength
        self.timestamp = timestamp
    }
}

/// Where a batch came from.
package struct BatchOrigin: Sendable {
    /// At most 255 bytes.
    package var runID: String
    /// The batch's number in its run.
    package var number: Int
    /// At most 64 bytes.
    package var source: String
    package var fetchedAt: Timestamp

    package init(runID: String, number: Int, source: String, fetchedAt: Timestamp) {
        self.runID = runID
        self.number = number
        self.source = source
        self.fetchedAt = fetchedAt
    }
}

/// A record that could not become a row.
package struct QuarantinedRecord: Sendable {
    /// Longer header lines are not kept.
    package static let longestHeader = 8 << 10

    /// The record as it came.
    package var content: [UInt8]
    /// Machine-readable reasons (spec section 5), never empty.
    package var reasons: [String]
    /// The file or page.
    package var place: String
    /// Line in a file, index in a page.
    package var position: Int
    /// Of source, content and reasons: a record that already waits is not stored again.
    package var digest: RecordDigest
    /// What it takes to read the content alone: the header line of its file, as it stands there; empty where the content says all.
    package private(set) var header: [UInt8]

    /// A longer header is not kept: a piece of one would tell wrong columns.
    package static let maximumHeaderBytes = 8 << 10

    package init(content: [UInt8], reasons: [String], place: String, position: Int, digest: RecordDigest, header: [UInt8] = []) {
        self.content = content
        self.header = header.count <= Self.maximumHeaderBytes ? header : []
        self.reasons = reasons
        self.place = place
        self.position = position
        self.digest = digest
    }
}

/// A line of a family that is only appended to.
package struct LineRecord: Sendable, Equatable {
    /// `.runs` or `.outliers`.
    package var family: Family
    /// Empty texts where the family has no series. At most 255 bytes each.
    package var series: SeriesKey
    /// The run's number in `.runs`, else milliseconds since 1970.
    package var position: Int64
    /// One JSON object without line ends.
    package var line: [UInt8]

    package init(family: Family, series: SeriesKey = SeriesKey(symbol: "", source: "", sourceID: ""), position: Int64, line: [UInt8]) {
        self.family = family
        self.series = series
        self.position = position
        self.line = line
    }
}

/// A change of one key of the state; no value removes it.
package struct StateChange: Sendable, Equatable {
    package var key: String
    /// JSON.
    package var value: [UInt8]?

    package init(key: String, value: [UInt8]?) {
        self.key = key
        self.value = value
    }
}

/// What a commit did with the rows and records of its batch.
package struct CommitCounts: Sendable, Equatable {
    package var inserted = 0
    /// The identity was there with other content; the new row superseded it.
    package var updated = 0
    /// The identity was there with the same content.
    package var skipped = 0
    package var quarantined = 0
    /// Quarantined records that already waited.
    package var seenInQuarantine = 0
    /// Quarantined records that waited and were taken out.
    package var removed = 0

    package init() {}
}
