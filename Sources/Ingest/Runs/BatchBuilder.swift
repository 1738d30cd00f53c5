import Crypto
import MarketData
import TickerStore

/// Gathers rows and quarantined records of one source into batches for the store.
struct BatchBuilder {
    /// Rows of a CSV batch (spec section 6).
    static let usualRows = 1_000
    /// Series that are remembered from batch to batch, at most.
    private static let seriesKept = 65_536

    private(set) var batch: Batch
    /// Records that went into the batch, good and bad.
    private(set) var records = 0
    /// Those of them that are older than rows are kept, and only counted.
    private(set) var tooOld = 0
    /// Records that waited in the quarantine: those that go on waiting, and those that are taken out because a newer row is there.
    private(set) var stillWaiting = 0
    private(set) var outdated = 0
    /// Of each row of the batch.
    private var numbers: [TestedNumbers] = []
    private let source: [UInt8]
    /// `symbol NUL source_id` → a number for the whole run.
    private var interner = ByteInterner()
    private var keys: [SeriesKey] = []
    /// Index in `batch.series` by interned number; `.max` when the batch has no row of it yet.
    private var localNumbers: [UInt32] = []
    private var scratch: [UInt8] = []
    /// Of the file that is being read; nil where nobody asks.
    private var identities: RecentIdentities?

    init(source: String) {
        self.source = Array(source.utf8)
        batch = Batch(origin: BatchOrigin(runID: "", number: 0, source: source, fetchedAt: .earliest))
    }

    var isEmpty: Bool { records == 0 }

    /// Whether `bytes` more would pass the store's limit.
    func isFull(adding bytes: Int, rows: Int) -> Bool {
        batch.rows.count >= rows || records >= rows || batchBytes + bytes > LogFormat.maximumBatchBytes
    }

    private var quarantinedBytes = 0
    private var batchBytes: Int { batch.lines.count + batch.raw.count + quarantinedBytes }

    /// Adds a good row; `raw` appends the source's own record.
    mutating func append(_ draft: RowDraft, raw: (inout [UInt8]) -> Void) {
        let start = batch.raw.count
        raw(&batch.raw)
        appendRow(draft, rawLength: batch.raw.count - start)
    }

    /// Adds a good row, which is the record that `table` stands on. Not by a closure: it would copy the table for each record.
    mutating func append(_ draft: RowDraft, from table: CSVTable) {
        let start = batch.raw.count
        table.appendRaw(to: &batch.raw)
        appendRow(draft, rawLength: batch.raw.count - start)
    }

    /// Counts from now on the rows that have coin and time of an earlier one: those of the next file.
    mutating func countRepeats() {
        if identities == nil { identities = RecentIdentities() } else { identities?.reset() }
    }

    /// Rows since `countRepeats` that had coin and time of an earlier one; nearly all of those that stand near it.
    var repeats: Int { identities?.repeats ?? 0 }

    private mutating func appendRow(_ draft: RowDraft, rawLength: Int) {
        let series = series(of: draft)
        let lineStart = batch.lines.count
        let source = source
        TickerLine.append(
            symbol: draft.symbol.span,
            name: draft.name.span,
            price: draft.price.span,
            volume: draft.volume.span,
            marketCap: draft.marketCap.span,
            percentChange: draft.percentChange.span,
            timestamp: draft.timestamp,
            source: source.span,
            sourceID: draft.sourceID.span,
            to: &batch.lines
        )
        batch.lines.append(0x0A)
        batch.rows.append(
            BatchRow(
                series: series,
                lineLength: UInt32(batch.lines.count - lineStart),
                rawLength: UInt32(rawLength),
                timestamp: draft.timestamp
            )
        )
        numbers.append(TestedNumbers(price: draft.price.span, volume: draft.volume.span, marketCap: draft.marketCap.span))
        records += 1
    }

    /// Adds the outliers among its rows to the batch, which is the next one to go to the store.
    mutating func test(with detector: OutlierDetector, number: Int, at time: Timestamp) -> OutlierTally {
        detector.test(&batch, numbers, number: number, at: time)
    }

    /// Counts a good row that is older than rows are kept.
    mutating func skipTooOld() {
        tooOld += 1
        records += 1
    }

    /// Takes a record out of the quarantine.
    mutating func remove(_ id: RecordDigest) { batch.removed.append(id) }

    /// Counts a quarantined record that still cannot be a row.
    mutating func keepWaiting() {
        stillWaiting += 1
        records += 1
    }

    /// Takes a record out of the quarantine whose row is there, from a later fetch.
    mutating func skipOutdated(_ id: RecordDigest) {
        outdated += 1
        records += 1
        remove(id)
    }

    private mutating func series(of draft: RowDraft) -> UInt32 {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: draft.symbol)
        scratch.append(0)
        scratch.append(contentsOf: draft.sourceID)
        let key = scratch
        let number = Int(interner.intern(key.span))
        if number == keys.count {
            keys.append(SeriesKey(symbol: draft.symbol, source: source, sourceID: draft.sourceID))
            localNumbers.append(.max)
        }
        identities?.add(series: number, draft.timestamp)
        if localNumbers[number] == .max {
            localNumbers[number] = UInt32(batch.series.count)
            batch.series.append(keys[number])
        }
        return localNumbers[number]
    }

    /// Adds a record that cannot be a row.
    ///
    /// - Parameters:
    ///   - place: the file or page.
    ///   - position: line in a file, index in a page.
    ///   - header: the header line of its file.
    ///   - fileName: where the file's name says what the records do not; records that say the same are then not the same.
    mutating func quarantine(_ content: [UInt8], reasons: [String], place: String, position: Int, header: [UInt8] = [], fileName: [UInt8] = []) {
        var hash = SHA256()
        hash.update(data: source + [0])
        hash.update(data: content + [0])
        hash.update(data: Array(reasons.joined(separator: ",").utf8))
        // The same text under another header is another record.
        if !header.isEmpty || !fileName.isEmpty { hash.update(data: [0] + header + [0] + fileName) }
        let digest = Array(hash.finalize()).withUnsafeBytes {
            RecordDigest(high: $0.loadUnaligned(as: UInt64.self), low: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        batch.quarantined.append(
            QuarantinedRecord(content: content, reasons: reasons, place: place, position: position, digest: digest, header: header)
        )
        quarantinedBytes += content.count
        records += 1
    }

    /// Drops what has been built and starts anew.
    mutating func discard() { _ = take(origin: batch.origin) }

    /// Gives the batch away and starts the next one.
    mutating func take(origin: BatchOrigin) -> Batch {
        var taken = batch
        taken.origin = origin
        let lineBytes = batch.lines.count
        let rawBytes = batch.raw.count
        batch = Batch(origin: origin)
        batch.lines.reserveCapacity(lineBytes + lineBytes / 8)
        batch.raw.reserveCapacity(rawBytes + rawBytes / 8)
        batch.rows.reserveCapacity(taken.rows.count)
        if keys.count > Self.seriesKept {
            // What comes once each is not worth remembering.
            interner = ByteInterner()
            keys = []
            localNumbers = []
            if identities != nil { identities = RecentIdentities(repeats: repeats) }
        }
        for index in localNumbers.indices { localNumbers[index] = .max }
        records = 0
        tooOld = 0
        stillWaiting = 0
        outdated = 0
        numbers.removeAll(keepingCapacity: true)
        quarantinedBytes = 0
        return taken
    }
}
