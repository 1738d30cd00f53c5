/// Checks the small parts of an index from the footer on. Nothing in the file is believed before its CRC and its bounds were seen.
struct IndexFileReader {
    let bytes: UnsafeRawBufferPointer
    let path: String
    private(set) var rows = 0
    private(set) var seriesCount = 0
    private(set) var blockCount = 0
    private(set) var seriesList = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var blockTable = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var idList = UnsafeRawBufferPointer(start: nil, count: 0)
    private var groupTable = UnsafeRawBufferPointer(start: nil, count: 0)
    private var groupCount = 0
    /// Where the series list begins: behind the last group.
    private var groupsEnd = 0

    init(bytes: UnsafeRawBufferPointer, path: String) {
        self.bytes = bytes
        self.path = path
    }

    /// - Parameter expected: What the header of a version must be.
    /// - Returns: the version.
    func checkHeader(_ expected: (UInt16) -> [UInt8]) throws(StoreError) -> UInt16 {
        guard bytes.count >= SegmentFormat.indexHeaderLength + SegmentFormat.indexFooterLength else {
            throw damage(0, "the index is only \(bytes.count) bytes long")
        }
        let header = bytes.slice(0..<SegmentFormat.indexHeaderLength)
        for version in (SegmentFormat.oldestIndexVersion...SegmentFormat.indexVersion).reversed() where header.elementsEqual(expected(version)) {
            return version
        }
        guard header.integer(UInt64.self, at: 0) == SegmentFormat.indexMagic, header.integer(UInt32.self, at: 60) == crc32(header.slice(0..<60))
        else {
            throw damage(0, "the header of the index is damaged")
        }
        let version = header.integer(UInt16.self, at: 8)
        guard (SegmentFormat.oldestIndexVersion...SegmentFormat.indexVersion).contains(version) else {
            throw StoreError(
                .newerFormat,
                "\(path): index format \(version) was written by a newer kasparro; this one reads \(SegmentFormat.indexVersion)"
            )
        }
        throw damage(8, "this is the index of another segment or of another store")
    }

    mutating func readFooter() throws(StoreError) {
        let start = bytes.count - SegmentFormat.indexFooterLength
        let footer = bytes.slice(start..<bytes.count)
        guard footer.integer(UInt32.self, at: 124) == SegmentFormat.indexEndMagic,
            footer.integer(UInt32.self, at: 120) == crc32(footer.slice(0..<120))
        else {
            throw damage(start, "the footer of the index is damaged")
        }
        guard footer.integer(UInt64.self, at: 96) == UInt64(bytes.count) else {
            throw damage(start + 96, "the index is \(bytes.count) bytes long and should be \(footer.integer(UInt64.self, at: 96))")
        }
        rows = Int(footer.integer(UInt32.self, at: 104))
        groupCount = Int(footer.integer(UInt32.self, at: 108))
        seriesCount = Int(footer.integer(UInt32.self, at: 112))
        blockCount = Int(footer.integer(UInt32.self, at: 116))
        var end = SegmentFormat.indexHeaderLength
        seriesList = try part(0, footer, behind: &end, "series list")
        groupsEnd = Int(footer.integer(UInt64.self, at: 0))
        blockTable = try part(1, footer, behind: &end, "block table")
        groupTable = try part(2, footer, behind: &end, "group table")
        idList = try part(3, footer, behind: &end, "id list")
        guard end == start, blockTable.count == SegmentFormat.blockEntryLength * blockCount, rows > 0,
            groupTable.count == SegmentFormat.groupEntryLength * groupCount, seriesList.count >= SegmentFormat.seriesEntryLength * seriesCount
        else { throw damage(start, "the parts of the index do not have the lengths that its counts call for") }
    }

    /// A part that the footer lists, and the zeros behind it.
    private func part(_ number: Int, _ footer: UnsafeRawBufferPointer, behind end: inout Int, _ name: String) throws(StoreError)
        -> UnsafeRawBufferPointer
    {
        let at = 24 * number
        let offset = Int(clamping: footer.integer(UInt64.self, at: at))
        let length = Int(clamping: footer.integer(UInt64.self, at: at + 8))
        let limit = bytes.count - SegmentFormat.indexFooterLength
        guard footer.integer(UInt32.self, at: at + 20) == 0, offset % 8 == 0, offset >= end, offset <= limit, length <= limit - offset else {
            throw damage(bytes.count - SegmentFormat.indexFooterLength + at, "the footer places the \(name) outside of the index")
        }
        // Only the groups lie between the header and the first part; the others follow each other.
        let padded = offset + (length + 7) & ~7
        guard number == 0 || offset == end, padded <= limit, bytes[offset + length..<padded].allSatisfy({ $0 == 0 }) else {
            throw damage(offset, "bytes between the parts of the index")
        }
        let content = bytes.slice(offset..<offset + length)
        guard crc32(content) == footer.integer(UInt32.self, at: at + 16) else { throw damage(offset, "the \(name) of the index is damaged") }
        end = padded
        return content
    }

    /// - Parameter hasNumbers: Whether groups of this family have number keys.
    func readGroups(hasNumbers: Bool) throws(StoreError) -> [GroupEntry] {
        var groups: [GroupEntry] = []
        groups.reserveCapacity(groupCount)
        var next = SegmentFormat.indexHeaderLength
        var row = 0
        for number in 0..<groupCount {
            let entry = GroupEntry(decoding: groupTable, at: SegmentFormat.groupEntryLength * number)
            let steps = entry.latest.subtractingReportingOverflow(entry.earliest)
            guard entry.firstRow == row, (1...GroupColumns.maximumRows).contains(entry.rows), (1...entry.rows).contains(entry.runs),
                entry.unit == 1 || entry.unit == 1_000, !steps.overflow, steps.partialValue >= 0,
                steps.partialValue / entry.unit <= Int64(UInt32.max),
                groupTable.integer(UInt32.self, at: SegmentFormat.groupEntryLength * number + 60) == 0,
                entry.columnsOffset == next, entry.columnsLength == GroupColumns.length(rows: entry.rows, runs: entry.runs)
            else { throw damage(groupsEnd, "group \(number) of the index makes no sense") }
            next += entry.columnsLength
            if hasNumbers {
                guard entry.numbersOffset == next else { throw damage(groupsEnd, "group \(number) of the index has no number keys") }
                next += GroupEntry.numbersLength(rows: entry.rows)
            } else if entry.numbersOffset != 0 || entry.numbersCRC != 0 {
                throw damage(groupsEnd, "group \(number) of the index has number keys")
            }
            row += entry.rows
            groups.append(entry)
        }
        guard row == rows, next == groupsEnd else { throw damage(groupsEnd, "the groups of the index do not add up") }
        return groups
    }

    func checkSeries() throws(StoreError) {
        let count = seriesCount
        var text = SegmentFormat.seriesEntryLength * count
        var total = 0
        var before: Range<Int>?
        for number in 0..<count {
            let at = SegmentFormat.seriesEntryLength * number
            let start = text
            total += Int(seriesList.integer(UInt32.self, at: at + 4))
            text += Int(seriesList[at + 8]) + Int(seriesList[at + 9]) + Int(seriesList[at + 10])
            guard seriesList.integer(UInt32.self, at: at) == UInt32(truncatingIfNeeded: start), seriesList[at + 11] == 0, text <= seriesList.count
            else {
                throw damage(groupsEnd + at, "series \(number) of the index has no text")
            }
            if let before, !precedes(number - 1, before, number, start..<text) {
                throw damage(groupsEnd + at, "series \(number) of the index is out of order")
            }
            before = start..<text
        }
        guard text == seriesList.count, total == rows else { throw damage(groupsEnd, "the series of the index do not add up") }
    }

    /// Whether one series comes before another; their texts lie in the given ranges.
    private func precedes(_ a: Int, _ aText: Range<Int>, _ b: Int, _ bText: Range<Int>) -> Bool {
        var (aStart, bStart) = (aText.lowerBound, bText.lowerBound)
        for place in 8...10 {
            let aLength = Int(seriesList[SegmentFormat.seriesEntryLength * a + place])
            let bLength = Int(seriesList[SegmentFormat.seriesEntryLength * b + place])
            let order = compareBytes(seriesList.slice(aStart..<aStart + aLength), seriesList.slice(bStart..<bStart + bLength))
            if order != 0 { return order < 0 }
            aStart += aLength
            bStart += bLength
        }
        return false
    }

    /// - Parameter dataLength: Bytes of the lines file.
    func checkBlocks(dataLength: Int) throws(StoreError) {
        var offset = 0
        var row = 0
        for number in 0..<blockCount {
            let at = SegmentFormat.blockEntryLength * number
            let end =
                number + 1 < blockCount
                ? Int(clamping: blockTable.integer(UInt64.self, at: at + SegmentFormat.blockEntryLength))
                : dataLength - SegmentFormat.endMark.count
            let firstRow = Int(blockTable.integer(UInt32.self, at: at + 8))
            guard blockTable.integer(UInt64.self, at: at) == UInt64(offset), firstRow >= row, firstRow <= rows, number > 0 || firstRow == 0,
                end >= offset + BlockHeader.minimumMember, end - offset <= SegmentFormat.maximumMember
            else { throw damage(groupsEnd, "block \(number) of the index makes no sense") }
            offset = end
            row = firstRow
        }
        guard blockCount > 0 else { throw damage(groupsEnd, "the index has no blocks") }
    }

    func checkIDs(isQuarantine: Bool) throws(StoreError) {
        guard idList.count == (isQuarantine ? SegmentFormat.idEntryLength * rows : 0) else {
            throw damage(groupsEnd, "the id list of the index has a wrong length")
        }
        var before: RecordDigest?
        for at in stride(from: 0, to: idList.count, by: SegmentFormat.idEntryLength) {
            let id = RecordDigest(high: idList.integer(UInt64.self, at: at), low: idList.integer(UInt64.self, at: at + 8))
            let isInOrder = before.map { ($0.high, $0.low) <= (id.high, id.low) } ?? true
            guard isInOrder, Int(idList.integer(UInt32.self, at: at + 16)) < rows else {
                throw damage(groupsEnd, "the id list of the index makes no sense")
            }
            before = id
        }
    }

    private func damage(_ offset: Int, _ what: String) -> StoreError { .corrupt(path, offset: offset, "\(what). \(SegmentFormat.indexAdvice)") }
}
