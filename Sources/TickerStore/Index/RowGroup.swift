import Synchronization

/// The keys of up to 65,536 rows in columns, and where their lines are. Immutable. Sealed groups are mapped from an index file, others lie in memory;
/// a scan does not see the difference.
///
/// Rows are numbered in (series rank, timestamp) order. A stretch of rows of one series is a run.
final class RowGroup: @unchecked Sendable {
    // `columns` is memory that nobody writes to, kept alive by `owner`.
    private let columns: UnsafeRawBufferPointer
    private let owner: AnyObject
    let count: Int
    let runs: Int
    let earliest: Int64
    let latest: Int64
    let unit: Int64
    /// Number of a series in the store by its number in the columns; empty: they are the same.
    private let seriesNumbers: [UInt32]
    let lines: GroupLines
    /// What the columns' CRC must be; nil: they never were on a disk.
    private let expectedCRC: UInt32?
    /// In the index file.
    private let columnsOffset: Int
    private let isChecked = Atomic<Bool>(false)
    /// Of a group in a log file: what was made of its lines, by field; empty before.
    private let loggedKeys = Mutex<[NumberKeys?]>([])

    /// A group of a segment.
    init(
        columns: UnsafeRawBufferPointer,
        owner: AnyObject,
        entry: GroupEntry,
        seriesNumbers: [UInt32],
        lines: GroupLines
    ) {
        self.columns = columns
        self.owner = owner
        self.seriesNumbers = seriesNumbers
        self.lines = lines
        count = entry.rows
        runs = entry.runs
        earliest = entry.earliest
        latest = entry.latest
        unit = entry.unit
        expectedCRC = entry.columnsCRC
        columnsOffset = entry.columnsOffset
    }

    /// A group in memory.
    init(_ built: GroupColumns, lines: GroupLines) {
        let memory = HeapBytes(built.image)
        columns = memory.bytes
        owner = memory
        seriesNumbers = []
        self.lines = lines
        count = built.rows
        runs = built.runs
        earliest = built.earliest
        latest = built.latest
        unit = built.unit
        expectedCRC = nil
        columnsOffset = 0
    }

    /// Checks the columns the first time they are used.
    ///
    /// - Throws: `.corrupt`.
    func check() throws(StoreError) {
        guard let expectedCRC, !isChecked.load(ordering: .relaxed) else { return }
        guard crc32(columns) == expectedCRC else {
            throw .corrupt(lines.path, offset: columnsOffset, "the columns of a row group are damaged. \(LogRecovery.advice)")
        }
        isChecked.store(true, ordering: .relaxed)
    }

    @inline(__always)
    func timestamp(_ row: Int) -> Int64 {
        earliest + Int64(columns.integer(UInt32.self, at: 4 * (runs + row))) * unit
    }

    /// The store's number of the series of a run.
    @inline(__always)
    func series(ofRun run: Int) -> UInt32 {
        let number = columns.integer(UInt32.self, at: 4 * run)
        return seriesNumbers.isEmpty ? number : seriesNumbers[Int(number)]
    }

    @inline(__always)
    private func firstRow(ofRun run: Int) -> Int {
        Int(columns.integer(UInt16.self, at: 4 * (runs + count) + 2 * run))
    }

    /// The rows of a run.
    func rows(ofRun run: Int) -> Range<Int> {
        firstRow(ofRun: run)..<(run + 1 < runs ? firstRow(ofRun: run + 1) : count)
    }

    /// The row at a place in (timestamp, row) order, which is (timestamp, series rank) order.
    @inline(__always)
    func row(inTimeOrder place: Int) -> Int {
        Int(columns.integer(UInt16.self, at: 4 * (runs + count) + 2 * (runs + place)))
    }

    /// The run that holds a row.
    func run(ofRow row: Int) -> Int {
        partition(0..<runs) { firstRow(ofRun: $0) > row } - 1
    }

    /// The rows of a series; empty when it has none here.
    ///
    /// - Parameter rank: The rank of every series now.
    func rows(ofSeries number: UInt32, rank: [UInt32]) -> Range<Int> {
        let wanted = rank[Int(number)]
        let run = partition(0..<runs) { rank[Int(series(ofRun: $0))] >= wanted }
        return run < runs && series(ofRun: run) == number ? rows(ofRun: run) : 0..<0
    }

    /// The order-preserving keys of a number of each row. Those of a group in a log file are made of its lines when they are first asked for, and
    /// take eight bytes a row until it is sealed.
    ///
    /// - Throws: `.corrupt`, `.inputOutput`.
    func numberKeys(_ field: NumberField) throws(StoreError) -> NumberKeys {
        switch lines {
        case .segment(let segment, let firstRow): return try segment.numberKeys(ofGroupFrom: firstRow, field: field)
        case .composed: preconditionFailure("made lines have no number keys")
        case .log(let file, let path, let offsets, let lengths):
            if let known = loggedKeys.withLock({ $0.isEmpty ? nil : $0[field.rawValue] }) { return known }
            // Outside of the lock: it waits for the disk, and twice does no harm.
            let keys = NumberKeys(try LoggedNumbers.keys(of: field, offsets: offsets, lengths: lengths, in: file, path: path))
            loggedKeys.withLock {
                if $0.isEmpty { $0 = Array(repeating: nil, count: NumberField.allCases.count) }
                $0[field.rawValue] = keys
            }
            return keys
        }
    }

    /// The rows with a key: at most one that is live.
    func rows(series number: UInt32, timestamp: Int64, rank: [UInt32]) -> Range<Int> {
        guard (earliest...latest).contains(timestamp) else { return 0..<0 }
        let all = rows(ofSeries: number, rank: rank)
        let first = partition(all) { self.timestamp($0) >= timestamp }
        var end = first
        while end < all.upperBound, self.timestamp(end) == timestamp { end += 1 }
        return first..<end
    }
}

/// Where the lines of a group are.
enum GroupLines: Sendable {
    /// In a log file: offset and length of each row's line, without its newline.
    case log(any File, path: String, offsets: [UInt64], lengths: [UInt16])
    /// In a segment, whose row `firstRow` is row 0 of the group.
    case segment(Segment, firstRow: Int)
    /// Made when they are asked for.
    case composed(any LineComposer)

    /// Of the file with the columns, for messages.
    var path: String {
        switch self {
        case .log(_, let path, _, _): path
        case .segment(let segment, _): segment.indexPath
        case .composed: "memory"
        }
    }
}

/// Bytes on the heap that stay where they are.
final class HeapBytes: MappedBytes, @unchecked Sendable {
    // Written once, here.
    let bytes: UnsafeRawBufferPointer

    init(_ array: [UInt8]) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, array.count), alignment: 8)
        memory.copyBytes(from: array)
        bytes = UnsafeRawBufferPointer(rebasing: memory[0..<array.count])
    }

    deinit { UnsafeMutableRawPointer(mutating: bytes.baseAddress!).deallocate() }
}
