import MarketData

/// Reads every line of a segment and compares it with everything that is said of it elsewhere: block table, columns, number keys, id list.
///
/// One block, one group's columns and the names of the series are in memory.
struct SegmentLinesCheck {
    /// A fault in the lines file.
    struct Fault {
        var offset: Int
        var what: String
        /// Rows that cannot be read because of it.
        var rows: Range<Int>
    }

    private let info: SegmentInfo
    private let index: IndexFile?
    private var walker: BlockWalker
    private var keys: LineKeys
    /// Of each series in `keys`, its number in the index plus one; 0: it has none.
    private var locals: [UInt32] = []
    /// The group whose columns are at hand.
    private var group = -1
    private var columns: KeyColumns?
    private var hasNumbers = false
    private var numberKeys: [[UInt64]] = Array(repeating: [], count: NumberField.allCases.count)
    private var openLine: (row: Int, offset: Int, group: Int, bytes: [UInt8])?
    private var previous: (row: Int, group: Int, series: UInt32, timestamp: Int64)?
    private var crc: UInt32 = 0
    private var blockNumber = 0

    private(set) var faults: [Fault] = []
    /// Why the index does not tell of these lines; the first reason only.
    private(set) var indexFault: String?

    /// - Parameter index: nil when it is damaged; then only the lines themselves are looked at.
    init(_ info: SegmentInfo, file: any File, index: IndexFile?) throws(StoreError) {
        self.info = info
        self.index = index
        walker = try BlockWalker(file, segmentID: info.id)
        keys = LineKeys(family: info.family)
    }

    mutating func run() throws(StoreError) {
        var isWhole = true
        var damage: BlockWalker.Damage?
        while let step = try walker.next() {
            switch step {
            case .damage(let found):
                isWhole = false
                if let damage { endDamage(damage, before: found.nextRow) }
                damage = found
            case .block(let block):
                if let found = damage { endDamage(found, before: block.firstRow) }
                damage = nil
                crc = combineCRC(crc, block.crc, secondLength: block.length)
                check(block)
            }
        }
        if let damage { endDamage(damage, before: max(info.rows, damage.nextRow)) }
        guard isWhole else { return }
        crc = SegmentFormat.endMark.withUnsafeBytes { crc32($0, seed: crc) }
        if walker.size != info.bytes || crc != info.crc || walker.nextRow != info.rows {
            faults.append(Fault(offset: 0, what: "these are not the lines that the manifest lists", rows: 0..<0))
        } else if let index, blockNumber != index.blockCount {
            noteIndexFault("its block table has \(index.blockCount) blocks, the lines have \(blockNumber)")
        }
    }

    /// The rows from the damage to the next good block cannot be read; a line that was cut by it neither.
    private mutating func endDamage(_ damage: BlockWalker.Damage, before row: Int) {
        let first = openLine?.row ?? damage.nextRow
        openLine = nil
        faults.append(Fault(offset: damage.offset, what: damage.what, rows: first..<max(first, row)))
        previous = nil
    }

    private mutating func noteIndexFault(_ what: String) {
        if indexFault == nil { indexFault = what }
    }

    // MARK: A block

    private mutating func check(_ block: BlockWalker.Block) {
        blockNumber = block.header.number + 1
        if let index {
            if block.header.number >= index.blockCount {
                noteIndexFault("its block table has only \(index.blockCount) blocks")
            } else {
                let entry = index.block(block.header.number)
                if entry.offset != UInt64(block.offset) || entry.firstRow != UInt32(block.firstRow) || entry.crc != block.crc {
                    noteIndexFault("its block table does not tell of block \(block.header.number)")
                }
            }
        }
        if block.rows == 0 {
            // A piece behind damage belongs to a line that is lost already.
            openLine?.bytes += block.bytes
        } else if block.rows == 1, block.bytes.last != 0x0A {
            openLine = (block.firstRow, block.offset, block.group, block.bytes)
        } else {
            checkLines(block.bytes, from: block.firstRow, group: block.group, offset: block.offset)
        }
        if let line = openLine, line.bytes.last == 0x0A {
            openLine = nil
            checkLines(line.bytes, from: line.row, group: line.group, offset: line.offset)
        }
    }

    private mutating func checkLines(_ text: [UInt8], from firstRow: Int, group: Int, offset: Int) {
        text.withUnsafeBytes { bytes in
            var start = 0
            var row = firstRow
            while let end = firstNewline(in: bytes, from: start) {
                for field in numberKeys.indices { numberKeys[field].removeAll(keepingCapacity: true) }
                if let key = keys.read(bytes.slice(start..<end), numberKeys: &numberKeys) {
                    checkOrder(key, row, group, offset)
                    compare(key, row, group)
                    previous = (row, group, key.series, key.timestamp)
                } else {
                    faults.append(Fault(offset: offset, what: "a line that is none of \(info.family.name)", rows: row..<row + 1))
                    previous = nil
                }
                start = end + 1
                row += 1
            }
        }
    }

    /// Rows of a group are in the order (series, timestamp); rows each have a key of their own in `tickers`.
    private mutating func checkOrder(_ key: LineKeys.Key, _ row: Int, _ group: Int, _ offset: Int) {
        guard let previous, previous.group == group, previous.row + 1 == row else { return }
        let isInOrder =
            previous.series == key.series
            ? key.timestamp - previous.timestamp >= (info.family == .tickers ? 1 : 0)
            : keys.series[Int(previous.series)] < keys.series[Int(key.series)]
        if !isInOrder { faults.append(Fault(offset: offset, what: "row \(row) is out of order", rows: 0..<0)) }
    }

    // MARK: The index

    private mutating func compare(_ key: LineKeys.Key, _ row: Int, _ number: Int) {
        guard let index, indexFault == nil else { return }
        guard number < index.groups.count else { return noteIndexFault("it has only \(index.groups.count) groups") }
        if number != group {
            group = number
            columns = KeyColumns(index, group: number)
            let entry = index.groups[number]
            hasNumbers = entry.numbersOffset > 0 && crc32(index.bytes.slice(entry.numbers)) == entry.numbersCRC
            if columns == nil { noteIndexFault("the columns of group \(number) are damaged") }
            if entry.numbersOffset > 0, !hasNumbers { noteIndexFault("the number keys of group \(number) are damaged") }
        }
        let entry = index.groups[number]
        let place = row - entry.firstRow
        guard let columns, (0..<entry.rows).contains(place), Int(columns.series[place]) + 1 == local(key.series),
            columns.timestamps[place] == key.timestamp
        else { return noteIndexFault("its columns have another key for row \(row) than the line") }
        if hasNumbers {
            for field in NumberField.allCases {
                let at = entry.numbersOffset + 8 * (entry.rows * field.rawValue + place)
                let key = numberKeys[field.rawValue].first.map { index.version == 1 ? NumberKey.firstForm($0) : $0 }
                if index.bytes.integer(UInt64.self, at: at) != key {
                    noteIndexFault("its number keys are others than the numbers of row \(row)")
                }
            }
        }
        if let id = key.id, !hasID(id, row, index) { noteIndexFault("its list of ids does not have that of row \(row)") }
    }

    /// The index's number of a series plus one; 0: it does not have it.
    private mutating func local(_ number: UInt32) -> Int {
        while locals.count <= Int(number) {
            let key = keys.series[locals.count]
            let found = partition(0..<index!.seriesCount) { index!.seriesKey($0) >= key }
            locals.append(found < index!.seriesCount && index!.seriesKey(found) == key ? UInt32(found + 1) : 0)
        }
        return Int(locals[Int(number)])
    }

    private func hasID(_ id: RecordDigest, _ row: Int, _ index: IndexFile) -> Bool {
        let list = index.idList
        func entry(_ place: Int) -> (UInt64, UInt64, UInt32) {
            let at = SegmentFormat.idEntryLength * place
            return (list.integer(UInt64.self, at: at), list.integer(UInt64.self, at: at + 8), list.integer(UInt32.self, at: at + 16))
        }
        let wanted = (id.high, id.low, UInt32(row))
        let place = partition(0..<list.count / SegmentFormat.idEntryLength) { entry($0) >= wanted }
        return place < list.count / SegmentFormat.idEntryLength && entry(place) == wanted
    }
}

extension GroupEntry {
    /// Where the number keys are in the index.
    var numbers: Range<Int> { numbersOffset..<numbersOffset + Self.numbersLength(rows: rows) }
}
