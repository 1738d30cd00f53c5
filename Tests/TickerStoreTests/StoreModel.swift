import MarketData

@testable import TickerStore

/// A batch as the tests think of it.
struct TestBatch {
    var rows: [TestRow] = []
    var number: Int
    var fetchedAt: Int64
    /// Numbers of records that could not become rows.
    var quarantined: [Int] = []
    /// Numbers of such records that are taken out.
    var removed: [Int] = []
    var records: [LineRecord] = []

    var batch: Batch {
        var batch = Batch(rows, number: number)
        batch.origin.fetchedAt = Timestamp(milliseconds: fetchedAt)
        batch.quarantined = quarantined.map {
            QuarantinedRecord(
                content: Array("bad,\($0)".utf8),
                reasons: Self.reasons($0),
                place: "x.csv",
                position: $0,
                digest: Self.digest($0),
                header: Array(Self.header($0).utf8)
            )
        }
        batch.removed = removed.map(Self.digest)
        batch.records = records
        return batch
    }

    static func reasons(_ number: Int) -> [String] { number % 3 == 0 ? ["bad_number", "ragged_row"] : ["ragged_row"] }
    static func header(_ number: Int) -> String { number % 4 == 0 ? "" : "a,\"b \(number % 4)\"" }

    static func digest(_ number: Int) -> RecordDigest { RecordDigest(high: UInt64(number) &* 0x9E37_79B9_7F4A_7C15, low: UInt64(number)) }
}

/// What a store must hold: dictionaries and nothing clever.
struct StoreModel: Equatable {
    struct Key: Hashable, Comparable {
        var milliseconds: Int64
        var series: SeriesKey

        static func < (a: Key, b: Key) -> Bool { (a.milliseconds, a.series) < (b.milliseconds, b.series) }
    }

    /// A line of another family: when it was fetched, and how often it is there.
    struct Kept: Equatable {
        var recorded: Int64
        var count: Int
    }

    var rows: [Key: TestRow] = [:]
    var others: [Family: [String: Kept]] = [:]
    /// What the rows were made of last.
    var newestRaw: [Key: RawRecord] = [:]
    /// Of quarantined records, their lines.
    var waiting: [Int: String] = [:]
    var state: [String: String] = [:]

    /// Takes a batch, as the store has to.
    @discardableResult
    mutating func apply(_ batch: TestBatch) -> CommitCounts {
        var counts = CommitCounts()
        for row in batch.rows {
            let key = Key(milliseconds: row.milliseconds, series: row.key)
            if let old = rows[key] {
                if old.price == row.price {
                    counts.skipped += 1
                    continue
                }
                counts.updated += 1
            } else {
                counts.inserted += 1
            }
            rows[key] = row
            newestRaw[key] = RawRecord(
                fetchedAt: Timestamp(milliseconds: batch.fetchedAt),
                runID: "etl_test",
                batch: batch.number,
                record: Array("{\"raw\":\"\(row.price)\"}".utf8)
            )
            add(Self.rawLine(row, batch), .raw, recorded: batch.fetchedAt)
        }
        for number in batch.removed {
            guard let line = waiting.removeValue(forKey: number) else { continue }
            counts.removed += 1
            others[.quarantine]?[line] = nil
        }
        for number in batch.quarantined {
            if waiting[number] != nil {
                counts.seenInQuarantine += 1
            } else {
                counts.quarantined += 1
                let line = Self.quarantineLine(number, batch)
                waiting[number] = line
                add(line, .quarantine, recorded: batch.fetchedAt)
            }
        }
        for record in batch.records { add(String(decoding: record.line, as: UTF8.self), record.family, recorded: record.position) }
        state["batch/\(batch.number % 50)"] = "\"\(counts.inserted)/\(counts.updated)/\(counts.skipped)\""
        return counts
    }

    private mutating func add(_ line: String, _ family: Family, recorded: Int64) {
        others[family, default: [:]][line, default: Kept(recorded: recorded, count: 0)].count += 1
    }

    static func rawLine(_ row: TestRow, _ batch: TestBatch) -> String {
        let head = #"{"symbol":"\#(row.symbol)","timestamp":"\#(Timestamp(milliseconds: row.milliseconds))","source":"\#(row.source)","#
        let origin = #""source_id":"\#(row.sourceID ?? row.symbol)","fetched_at":"\#(Timestamp(milliseconds: batch.fetchedAt))","run_id":"etl_test","#
        return head + origin + #""batch":\#(batch.number),"record":{"raw":"\#(row.price)"}}"#
    }

    static func quarantineLine(_ number: Int, _ batch: TestBatch) -> String {
        let head = #"{"id":"\#(TestBatch.digest(number).hexadecimal)","source":"csv","recorded_at":"\#(Timestamp(milliseconds: batch.fetchedAt))","#
        let origin = #""run_id":"etl_test","batch":\#(batch.number),"place":"x.csv","position":\#(number),"#
        let reasons = TestBatch.reasons(number).map { "\"\($0)\"" }.joined(separator: ",")
        let header = number % 4 == 0 ? "" : #""header":"a,\"b \#(number % 4)\"","#
        return head + origin + #""reasons":[\#(reasons)],\#(header)"content":"bad,\#(number)"}"#
    }

    /// A line without the LSN that the store has put in: the model does not number log records.
    static func withoutLSN(_ line: some Collection<UInt8>) -> String {
        let bytes = Array(line)
        let mark = Array(#""lsn":"#.utf8)
        let place = bytes.withUnsafeBytes { bytes in mark.withUnsafeBytes { firstPlace(of: $0, in: bytes) } }
        guard let place, let comma = bytes[place...].firstIndex(of: UInt8(ascii: ",")) else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: bytes[..<place] + bytes[(comma + 1)...], as: UTF8.self)
    }

    /// The rows in order.
    var sorted: [TestRow] { rows.sorted { $0.key < $1.key }.map(\.value) }

    func total(_ family: Family) -> Int { (others[family] ?? [:]).values.reduce(0) { $0 + $1.count } }

    /// Forgets what may be dropped by its age and is gone.
    mutating func drop(missingFrom contents: StoreContents, rowsBefore: Int64, recordedBefore: Int64) {
        let lines = Set(contents.rows)
        rows = rows.filter { $0.key.milliseconds >= rowsBefore || lines.contains($0.value.line) }
        for family in [Family.raw, .quarantine] {
            guard let known = others[family] else { continue }
            let there = contents.others[family] ?? [:]
            others[family] = known.filter { $0.value.recorded >= recordedBefore || there[$0.key] != nil }
        }
        let left = others[.quarantine] ?? [:]
        waiting = waiting.filter { left[$0.value] != nil }
    }

    /// In words, what a store holds that it must not, or lacks.
    func differences(from contents: StoreContents) -> [String] {
        var found: [String] = []
        let expected = sorted.map(\.line)
        if contents.rows != expected {
            let missing = Set(expected).subtracting(contents.rows).sorted()
            let extra = Set(contents.rows).subtracting(expected).sorted()
            let doubled = contents.rows.count - Set(contents.rows).count
            let odd = "\(missing.count) missing (\(missing.first ?? "")), \(extra.count) too many (\(extra.first ?? ""))"
            found.append("rows: \(contents.rows.count) instead of \(expected.count), \(doubled) doubled, \(odd)")
        }
        if contents.counts.rows != expected.count { found.append("the count of rows says \(contents.counts.rows), not \(expected.count)") }
        let bySource = Dictionary(grouping: rows.values, by: \.source).mapValues(\.count)
        let counted = Dictionary(uniqueKeysWithValues: contents.counts.rowsBySource.filter { $0.rows != 0 }.map { ($0.source, $0.rows) })
        if bySource != counted { found.append("rows by source are counted as \(counted), not \(bySource)") }
        if contents.counts.rawRecords != total(.raw) { found.append("raw records are counted as \(contents.counts.rawRecords), not \(total(.raw))") }
        if contents.counts.quarantined != total(.quarantine) {
            found.append("quarantined records are counted as \(contents.counts.quarantined), not \(total(.quarantine))")
        }
        for family in [Family.raw, .quarantine, .runs, .outliers] {
            let expected = (others[family] ?? [:]).mapValues(\.count)
            let there = contents.others[family] ?? [:]
            if there == expected { continue }
            let odd = Set(expected.keys).union(there.keys).filter { expected[$0] != there[$0] }.sorted()
            let example = "\(odd[0]): \(there[odd[0]] ?? 0) times"
            found.append("\(family.name): \(odd.count) lines are not there as often as they should be, such as \(example)")
        }
        if contents.state != state { found.append("the state is \(contents.state.count) keys, not the \(state.count) expected, or has other values") }
        return found
    }
}

/// All that a store holds, read through its engine.
struct StoreContents {
    var rows: [String] = []
    /// Line → how often.
    var others: [Family: [String: Int]] = [:]
    var state: [String: String] = [:]
    var counts = StoreCounts()

    init(_ engine: StoreEngine) throws {
        let snapshot = engine.snapshot()
        rows = try snapshot.lines()
        counts = snapshot.counts
        for (key, value) in engine.state(prefix: "") { state[key] = String(decoding: value, as: UTF8.self) }
        for slot in engine.others {
            for (row, line) in try slot.segment.lines().enumerated() where !slot.isDead(row) {
                others[slot.info.family, default: [:]][StoreModel.withoutLSN(line), default: 0] += 1
            }
        }
        var records = LogRecords()
        for generation in engine.tables.generations {
            let length = generation.closedLength ?? engine.writer.committedEnd
            var log = SealJob.Log(number: generation.number, file: generation.file, path: generation.path, length: length, groups: [])
            log.removed = generation.waiting.removedOffsets
            try records.read(log, storeID: engine.manifest.storeID)
        }
        for family in [Family.raw, .quarantine, .runs, .outliers] where records.recorded(family) != nil {
            let groups = records.groups(family).views
            for (number, view) in groups.enumerated() {
                let places = (0..<view.group.count).map { RowScan.Place(group: Int32(number), row: Int32($0)) }
                let lines = try LineFetcher(groups: groups, cache: nil).fetch(places)
                for (start, length) in zip(lines.starts, lines.lengths) {
                    others[family, default: [:]][StoreModel.withoutLSN(lines.bytes[start..<start + length]), default: 0] += 1
                }
            }
        }
    }
}
