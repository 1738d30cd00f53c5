/// Walks the live rows that a filter wants group by group, in the order in which their lines lie in the files: each block is inflated once, and
/// lines that follow each other are copied together.
struct StoredOrderScan {
    /// Two lines of a log file closer than this are fetched with one read.
    private static let readGap = 4_096
    private static let longestRead = 256 << 10

    /// A line of a log file, its newline included.
    private struct LogLine {
        var offset: Int
        var end: Int
    }

    /// What is left of a group.
    private enum Rest {
        case nothing
        /// Rows of a segment's group from a certain one on, as ranges in ascending order.
        case rows(ArraySlice<Range<Int>>, from: Int, of: Segment, firstRow: Int)
        case logLines(ArraySlice<LogLine>, of: any File, path: String)
        case composed(ArraySlice<Range<Int>>, by: any LineComposer)
    }

    private let groups: [GroupView]
    private let filter: ScanFilter
    private let rank: [UInt32]
    private var nextGroup = 0
    private var rest = Rest.nothing
    private var inflater: Inflater?

    init(_ groups: [GroupView], filter: ScanFilter, rank: [UInt32]) {
        self.groups = groups
        self.filter = filter
        self.rank = rank
    }

    /// As `LineScan.next`.
    mutating func next(_ target: Int, to out: inout [UInt8]) throws(StoreError) -> Int {
        var lines = 0
        while out.count < target {
            switch rest {
            case .nothing:
                guard nextGroup < groups.count else { return lines }
                try open(groups[nextGroup])
                nextGroup += 1
            case .rows(let ranges, let row, let segment, let firstRow):
                lines += try readBlock(ranges, from: row, segment, firstRow, dead: groups[nextGroup - 1].dead, to: &out)
            case .logLines(let waiting, let file, let path):
                lines += try read(waiting, file, path, to: &out)
            case .composed(let ranges, let composer):
                let dead = groups[nextGroup - 1].dead
                for row in ranges.joined() where !dead.contains(row) {
                    try composer.appendLine(of: row, to: &out)
                    out.append(0x0A)
                    lines += 1
                }
                rest = .nothing
            }
        }
        return lines
    }

    // MARK: Groups

    private mutating func open(_ view: GroupView) throws(StoreError) {
        rest = .nothing
        guard filter.meets(view.group), view.liveCount > 0 else { return }
        try view.group.check()
        let ranges = wanted(in: view.group)
        if ranges.isEmpty { return }
        switch view.group.lines {
        case .segment(let segment, let firstRow): rest = .rows(ranges[...], from: 0, of: segment, firstRow: firstRow)
        case .composed(let composer): rest = .composed(ranges[...], by: composer)
        case .log(let file, let path, let offsets, let lengths):
            var lines: [LogLine] = []
            for row in ranges.joined() where !view.dead.contains(row) {
                lines.append(LogLine(offset: Int(offsets[row]), end: Int(offsets[row]) + Int(lengths[row]) + 1))
            }
            lines.sort { $0.offset < $1.offset }
            if !lines.isEmpty { rest = .logLines(lines[...], of: file, path: path) }
        }
    }

    /// The rows between the filter's bounds of the series it wants, dead ones included; ranges that touch are one.
    private func wanted(in group: RowGroup) -> [Range<Int>] {
        let isInside = group.earliest >= filter.low.timestamp && group.latest < filter.high.timestamp
        if filter.series == nil, isInside { return [0..<group.count] }
        var ranges: [Range<Int>] = []
        func add(_ run: Range<Int>) {
            let first = isInside ? run.lowerBound : partition(run) { group.timestamp($0) >= filter.low.timestamp }
            let end = isInside ? run.upperBound : partition(run) { group.timestamp($0) >= filter.high.timestamp }
            if first >= end { return }
            if let last = ranges.last, last.upperBound == first {
                ranges[ranges.count - 1] = last.lowerBound..<end
            } else {
                ranges.append(first..<end)
            }
        }
        if filter.series == nil {
            for run in 0..<group.runs { add(group.rows(ofRun: run)) }
        } else {
            for run in filter.rows(in: group, rank: rank) { add(run) }
        }
        return ranges
    }

    // MARK: Lines

    /// Reads the wanted rows of one block of a segment.
    private mutating func readBlock(
        _ ranges: ArraySlice<Range<Int>>,
        from start: Int,
        _ segment: Segment,
        _ firstRow: Int,
        dead: DeadRows,
        to out: inout [UInt8]
    ) throws(StoreError) -> Int {
        var ranges = ranges
        let number = segment.index.block(ofRow: firstRow + max(start, ranges[ranges.startIndex].lowerBound))
        let rows = segment.index.rows(ofBlock: number)
        let inBlock = rows.lowerBound - firstRow..<rows.upperBound - firstRow
        var pieces: [Range<Int>] = []
        var live = 0
        while let first = ranges.first, first.lowerBound < inBlock.upperBound {
            let piece = first.clamped(to: inBlock)
            pieces.append(piece)
            live += piece.count - dead.count(in: piece)
            if first.upperBound > inBlock.upperBound { break }
            ranges.removeFirst()
        }
        rest = ranges.isEmpty ? .nothing : .rows(ranges, from: inBlock.upperBound, of: segment, firstRow: firstRow)
        if live == 0 { return 0 }
        let block = try segment.decode(number, &inflater)
        if live == inBlock.count {
            out.append(contentsOf: block.bytes)
            return live
        }
        for piece in pieces { append(piece, of: block, from: inBlock.lowerBound, dead: dead, to: &out) }
        return live
    }

    /// Appends the live rows of a range, those that follow each other in one copy.
    private func append(_ rows: Range<Int>, of block: DecodedBlock, from first: Int, dead: DeadRows, to out: inout [UInt8]) {
        var start = rows.lowerBound
        while start < rows.upperBound {
            if dead.contains(start) {
                start += 1
                continue
            }
            var end = start + 1
            while end < rows.upperBound, !dead.contains(end) { end += 1 }
            let bytes = Int(block.starts[start - first])..<Int(block.starts[end - first])
            block.bytes.withUnsafeBytes { out.append(contentsOf: $0.slice(bytes)) }
            start = end
        }
    }

    /// Reads lines of a log file that lie near each other.
    private mutating func read(_ lines: ArraySlice<LogLine>, _ file: any File, _ path: String, to out: inout [UInt8]) throws(StoreError) -> Int {
        let first = lines[lines.startIndex].offset
        var end = lines[lines.startIndex].end
        var behind = lines.startIndex + 1
        while behind < lines.endIndex, lines[behind].offset <= end + Self.readGap, lines[behind].end - first <= Self.longestRead {
            end = lines[behind].end
            behind += 1
        }
        let bytes = try file.bytes(at: first, count: end - first)
        guard bytes.count == end - first else {
            throw .corrupt(path, offset: first, "the log file is shorter than when it was read; check the disk. \(LogRecovery.advice)")
        }
        var torn: Int?
        bytes.withUnsafeBytes { piece in
            for line in lines[..<behind] {
                let newline = line.end - 1 - first
                if piece[newline] != 0x0A || !LoggedLine.isWhole(piece.slice(line.offset - first..<newline)) { torn = line.offset }
            }
            var next = lines.startIndex
            while next < behind {
                let start = lines[next].offset
                var stretch = lines[next].end
                next += 1
                while next < behind, lines[next].offset == stretch {
                    stretch = lines[next].end
                    next += 1
                }
                out.append(contentsOf: piece.slice(start - first..<stretch - first))
            }
        }
        if let torn { throw LoggedLine.damage(path, torn) }
        let count = behind - lines.startIndex
        let left = lines[behind...]
        rest = left.isEmpty ? .nothing : .logLines(left, of: file, path: path)
        return count
    }
}
