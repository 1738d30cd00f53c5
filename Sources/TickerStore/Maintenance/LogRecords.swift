import Glibc
import MarketData

/// What closed log files hold for the families beside the rows, gathered for sealing.
///
/// The files are read with the reader that replay uses, checksums and all: what cannot be read back is noticed before the log is dropped.
struct LogRecords {
    /// There are as many as rows, so each is small.
    fileprivate struct Raw {
        /// Where the content begins in its log file.
        var start: Int
        var length: UInt32
        /// Tells the log file as well.
        var origin: UInt32
    }

    private struct Quarantined {
        var log: Int
        var head: Int
        /// In the file.
        var place: Range<Int>
    }

    fileprivate private(set) var maps: [any MappedBytes] = []
    private var origins: [(origin: BatchOrigin, lsn: UInt64)] = []
    /// By origin, the place of its log file in `maps`.
    fileprivate private(set) var logOfOrigin: [Int] = []
    /// When raw records were fetched.
    private var rawTimes: [Int64] = []
    private var rawTable = SeriesTable()
    fileprivate private(set) var rawKeys: [(series: UInt32, timestamp: Int64)] = []
    fileprivate private(set) var raw: [Raw] = []
    private var quarantined: [Quarantined] = []
    /// What stands before the quarantined records of one log record, and where that begins.
    private var heads: [(head: QuarantinePayload.Head, payload: Int, lsn: UInt64)] = []
    private var lines: [Family: [LineRecord]] = [:]

    /// Adds the records of a log file.
    mutating func read(_ log: SealJob.Log, storeID: StoreID) throws(StoreError) {
        maps.append(try storing { () throws(FileError) in try log.file.map(log.length) })
        var reader = try LogFileReader(file: log.file, path: log.path)
        /// The keys of the ROWS record read last.
        var keys: [(series: UInt32, timestamp: Int64)] = []
        while reader.offset < log.length {
            guard case .record(let header, let payload, let offset) = try reader.next() else {
                throw .corrupt(log.path, offset: reader.offset, "record \(reader.expectedLSN) cannot be read back. \(LogRecovery.advice)")
            }
            do throws(MalformedPayload) {
                try payload.span.withUnsafeBytes { bytes throws(MalformedPayload) in
                    try add(header, bytes, at: offset, keys: &keys, log.removed)
                }
            } catch {
                throw .corrupt(log.path, offset: offset, "record \(header.lsn): \(error.reason). \(LogRecovery.advice)")
            }
        }
    }

    private mutating func add(
        _ header: LogRecordHeader,
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int,
        keys: inout [(series: UInt32, timestamp: Int64)],
        _ removed: Set<Int>
    ) throws(MalformedPayload) {
        switch LogRecordType(rawValue: header.type) {
        case .rows:
            let payload = try RowsPayload(decoding: bytes)
            let numbers = rawTable.numbers(for: try payload.series())
            keys.removeAll(keepingCapacity: true)
            for index in 0..<payload.rowCount {
                let row = payload.row(index)
                keys.append((numbers[row.series], row.milliseconds))
            }
        case .raw:
            let (origin, records) = try RawPayload.decode(bytes)
            guard records.count == keys.count else { throw MalformedPayload("RAW and ROWS records do not match") }
            add(origin, header.lsn)
            if !records.isEmpty { rawTimes.append(origin.fetchedAt.milliseconds) }
            rawKeys.append(contentsOf: keys)
            for record in records {
                raw.append(Raw(start: record.lowerBound + offset, length: UInt32(record.count), origin: UInt32(origins.count - 1)))
            }
        case .quarantine, .headedQuarantine:
            let (head, records) = try QuarantinePayload.decode(bytes, isHeaded: header.type == LogRecordType.headedQuarantine.rawValue)
            heads.append((head, offset, header.lsn))
            for entry in records where !removed.contains(offset + entry.range.lowerBound) {
                let place = offset + entry.range.lowerBound..<offset + entry.range.upperBound
                quarantined.append(Quarantined(log: maps.count - 1, head: heads.count - 1, place: place))
            }
        case .lines: for record in try LinesPayload.decode(bytes) { lines[record.family, default: []].append(record) }
        case .state, .noop, .delete, nil: break
        }
    }

    private mutating func add(_ origin: BatchOrigin, _ lsn: UInt64) {
        origins.append((origin, lsn))
        logOfOrigin.append(maps.count - 1)
    }

    /// When the records of a family were fetched; nil when there are none.
    func recorded(_ family: Family) -> ClosedRange<Int64>? {
        let times: [Int64]
        switch family {
        case .raw: times = rawTimes
        case .quarantine: times = quarantined.map { heads[$0.head].head.origin.fetchedAt.milliseconds }
        default: times = (lines[family] ?? []).map(\.position)
        }
        guard let first = times.min(), let last = times.max() else { return nil }
        return first...last
    }

    /// The records as groups whose lines are made when they are written, and the series that these name.
    func groups(_ family: Family) -> (views: [GroupView], table: SeriesTable) {
        let (table, keys) = keyed(family)
        let cut = GroupCutter.cut(keys.map { GroupCutter.Key(rank: table.rank[Int($0.series)], series: $0.series, timestamp: $0.timestamp) })
        if family == .raw {
            let pieces = RawLinePieces(series: table.keys, origins: origins)
            let lines = { (order: [Int]) in RawLines(records: self, pieces: pieces, order: order) }
            return (cut.map { GroupView(group: RowGroup($0.columns, lines: .composed(lines($0.order)))) }, table)
        }
        let lines = { (order: [Int]) in RecordLines(records: self, family: family, order: order) }
        return (cut.map { GroupView(group: RowGroup($0.columns, lines: .composed(lines($0.order)))) }, table)
    }

    private func keyed(_ family: Family) -> (table: SeriesTable, keys: [(series: UInt32, timestamp: Int64)]) {
        if family == .raw { return (rawTable, rawKeys) }
        var table = SeriesTable()
        if family == .quarantine {
            let origins = heads.map(\.head.origin)
            let numbers = table.numbers(for: origins.map { SeriesKey(symbol: "", source: $0.source, sourceID: "") })
            return (table, quarantined.map { (numbers[$0.head], origins[$0.head].fetchedAt.milliseconds) })
        }
        let records = lines[family] ?? []
        let numbers = table.numbers(for: records.map(\.series))
        return (table, zip(numbers, records).map { ($0, $1.position) })
    }
}

/// Makes the lines of one group of records (`FORMAT.md`, Lines of a segment).
private struct RecordLines: LineComposer {
    let records: LogRecords
    let family: Family
    /// Which record each row is.
    let order: [Int]

    func appendLine(of row: Int, to out: inout [UInt8]) throws(StoreError) {
        if family == .quarantine {
            try records.appendQuarantined(order[row], to: &out)
        } else {
            out.append(contentsOf: records.line(order[row], of: family))
        }
    }
}

/// What the lines of raw records have in common: by series, and by batch.
private struct RawLinePieces {
    /// `{"symbol":"BTC","timestamp":"`
    var heads: [[UInt8]] = []
    /// `","source":"csv","source_id":"BTC","fetched_at":"`
    var middles: [[UInt8]] = []
    /// `…Z","run_id":"…","batch":1,"lsn":2,`
    var tails: [[UInt8]] = []

    init(series: [SeriesKey], origins: [(origin: BatchOrigin, lsn: UInt64)]) {
        for key in series {
            var head = Array(#"{"symbol":"#.utf8)
            JSONText.appendEscaped(key.symbol.span, to: &head)
            heads.append(head + Array(#","timestamp":""#.utf8))
            var middle = Array(#"","source":"#.utf8)
            JSONText.appendEscaped(key.source.span, to: &middle)
            middle += Array(#","source_id":"#.utf8)
            JSONText.appendEscaped(key.sourceID.span, to: &middle)
            middles.append(middle + Array(#","fetched_at":""#.utf8))
        }
        for (origin, lsn) in origins {
            var tail = Array("\(origin.fetchedAt)\",\"run_id\":".utf8)
            JSONText.appendEscaped(origin.runID, to: &tail)
            tails.append(tail + Array(",\"batch\":\(origin.number),\"lsn\":\(lsn),".utf8))
        }
    }
}

/// Makes the lines of one group of raw records; put together from pieces, because there are as many as rows.
private struct RawLines: LineComposer {
    let records: LogRecords
    let pieces: RawLinePieces
    /// Which record each row is.
    let order: [Int]

    func appendLine(of row: Int, to out: inout [UInt8]) {
        let (series, timestamp) = records.rawKeys[order[row]]
        let record = records.raw[order[row]]
        out.append(contentsOf: pieces.heads[Int(series)])
        Timestamp(milliseconds: timestamp).append(to: &out)
        out.append(contentsOf: pieces.middles[Int(series)])
        out.append(contentsOf: pieces.tails[Int(record.origin)])
        let log = records.maps[records.logOfOrigin[Int(record.origin)]]
        let content = log.bytes.slice(record.start..<record.start + Int(record.length))
        // A line end between two tokens is allowed in JSON, but not in a file of lines.
        if content.isEmpty || hasLineEnd(content) {
            out.append(contentsOf: Array(#""record_text":"#.utf8))
            JSONText.appendEscaped([UInt8](content).span, to: &out)
        } else {
            out.append(contentsOf: Self.recordName)
            out.append(contentsOf: content)
        }
        out.append(UInt8(ascii: "}"))
    }

    private static let recordName = Array(#""record":"#.utf8)

    private func hasLineEnd(_ content: UnsafeRawBufferPointer) -> Bool {
        guard let start = content.baseAddress else { return false }
        return memchr(start, 0x0A, content.count) != nil || memchr(start, 0x0D, content.count) != nil
    }
}

extension LogRecords {
    fileprivate func line(_ index: Int, of family: Family) -> [UInt8] { lines[family]![index].line }

    fileprivate func appendQuarantined(_ index: Int, to out: inout [UInt8]) throws(StoreError) {
        let record = quarantined[index]
        let (head, payload, lsn) = heads[record.head]
        let file = maps[record.log].bytes
        do throws(MalformedPayload) {
            let bytes = file.slice(record.place)
            let entry = try QuarantinePayload.entry(bytes, at: 0)
            let before = file.slice(payload..<payload + head.length)
            WaitingRecord(head, head: before, entry, in: bytes, lsn: lsn).appendLine(to: &out)
        } catch {
            throw StoreError(.corrupt, "a quarantined record cannot be read back: \(error.reason). \(LogRecovery.advice)")
        }
    }
}
