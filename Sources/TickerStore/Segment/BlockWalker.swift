/// Walks a lines file block by block, believing nothing, and goes on behind damage.
///
/// In a good block every byte is what `BlockFileWriter` would have written: the header is the one that the block's place calls for, the
/// deflate stream ends exactly at the trailer, CRC and length are right, and the lines are whole. What no look at one file can tell: whether the
/// last block of a file is one of its group or the next group's only one; the index knows, and the CRC in the manifest.
struct BlockWalker {
    /// A block without damage.
    struct Block {
        var offset: Int
        var header: BlockHeader
        /// Over the whole member, as in the block table.
        var crc: UInt32
        /// The lines; of a long line a piece.
        var bytes: [UInt8]

        var length: Int { header.memberLength }
        var group: Int { header.group }
        var firstRow: Int { header.firstRow }
        var rows: Int { header.rows }
    }

    /// Bytes that are no block, up to the next one.
    struct Damage {
        var offset: Int
        var length: Int
        /// The row that should have come next. The next good block's first row tells how many are lost.
        var nextRow: Int
        /// What is wrong; no full stop.
        var what: String
    }

    enum Step {
        case block(Block)
        case damage(Damage)
    }

    let segmentID: UInt64
    let size: Int
    private let file: any File
    private let inflater: Inflater
    /// A stretch of the file from `windowStart`.
    private var window: [UInt8] = []
    private var windowStart = 0

    /// Where the next block begins, and what it must be.
    private(set) var offset = 0
    private var number = 0
    private var group = -1
    private(set) var nextRow = 0
    private var line = LineState.whole
    /// Damage came before: numbers are taken from the next block, if they are not smaller.
    private var isLost = false
    private var isAtEnd = false

    /// Whether the last block ended in the middle of a line.
    private enum LineState { case whole, open, unknown }

    private static let windowBytes = 1 << 20

    /// - Parameter file: The lines file, which nobody writes.
    init(_ file: any File, segmentID: UInt64) throws(StoreError) {
        self.file = file
        self.segmentID = segmentID
        size = try storing { () throws(FileError) in try file.status().size }
        inflater = try Inflater()
    }

    /// The next block or stretch of damage; nil behind the end of the file.
    ///
    /// - Throws: Only when the file cannot be read.
    mutating func next() throws(StoreError) -> Step? {
        if isAtEnd { return nil }
        if try isEndMark(at: offset) {
            let behind = offset + SegmentFormat.endMark.count
            if line == .open { return endDamage("the file ends in the middle of a line") }
            if behind < size { return endDamage("bytes behind the end of the file") }
            isAtEnd = true
            return nil
        }
        guard offset < size else { return endDamage("the mark that ends the file is missing") }
        switch try readBlock() {
        case .success(let block):
            accept(block)
            return .block(block)
        case .failure(let fault):
            let start = offset
            let row = nextRow
            offset = try findNext(from: offset + 1)
            isLost = true
            line = .unknown
            isAtEnd = offset == size
            return .damage(Damage(offset: start, length: offset - start, nextRow: row, what: fault.what))
        }
    }

    private struct Fault: Error { var what: String }

    private mutating func endDamage(_ what: String) -> Step {
        isAtEnd = true
        return .damage(Damage(offset: offset, length: size - offset, nextRow: nextRow, what: what))
    }

    private mutating func accept(_ block: Block) {
        offset += block.length
        number = block.header.number + 1
        group = block.group
        nextRow = block.firstRow + block.rows
        line = block.bytes.last == 0x0A ? .whole : .open
        isLost = false
    }

    // MARK: One block

    private mutating func readBlock() throws(StoreError) -> Result<Block, Fault> {
        let head = try bytes(at: offset, count: BlockHeader.length)
        guard let header = head.withUnsafeBytes({ BlockHeader(decoding: $0) }) else { return fault("no header of a block") }
        guard header.memberLength >= BlockHeader.minimumMember, header.memberLength <= size - offset else {
            return fault("a wrong length in the header")
        }
        if let what = place(header) { return fault(what) }
        let member = try bytes(at: offset, count: header.memberLength)
        guard member.count == header.memberLength else { return fault("the file ends within the block") }
        guard let text = inflate(member) else { return fault("compressed bytes that are damaged") }
        if let what = text.withUnsafeBytes({ lines(header, $0) }) { return fault(what) }
        return .success(Block(offset: offset, header: header, crc: member.withUnsafeBytes { crc32($0) }, bytes: text))
    }

    private func fault(_ what: String) -> Result<Block, Fault> { .failure(Fault(what: what)) }

    /// What is wrong with the place that a header claims.
    private func place(_ header: BlockHeader) -> String? {
        guard header.segmentID == segmentID else { return "a block of another segment" }
        guard isLost ? header.number >= number : header.number == number else { return "a wrong number in the header" }
        guard isLost ? header.firstRow >= nextRow : header.firstRow == nextRow else { return "a wrong row in the header" }
        guard header.firstRow + header.rows <= Int(UInt32.max) else { return "a wrong number of rows in the header" }
        // The first block begins the first group; a piece of a line is in the group of the line.
        let step = header.group - group
        guard isLost ? step >= 0 : step == 1 || (step == 0 && group >= 0) else { return "a wrong group in the header" }
        guard line != .open || step == 0 else { return "a wrong group in the header" }
        return nil
    }

    private func inflate(_ member: [UInt8]) -> [UInt8]? {
        member.withUnsafeBytes { member in
            let length = Int(member.integer(UInt32.self, at: member.count - 4))
            guard length > 0, length <= SegmentFormat.longLineBytes else { return nil }
            var isGood = false
            let text = [UInt8](unsafeUninitializedCapacity: length) { buffer, initialized in
                let body = member.slice(BlockHeader.length..<member.count - BlockHeader.trailerLength)
                isGood = inflater.decompressStrictly(body, into: UnsafeMutableRawBufferPointer(buffer))
                initialized = isGood ? length : 0
            }
            guard isGood, text.withUnsafeBytes({ crc32($0) }) == member.integer(UInt32.self, at: member.count - 8) else { return nil }
            return text
        }
    }

    /// What is wrong with the lines of a block.
    private func lines(_ header: BlockHeader, _ text: UnsafeRawBufferPointer) -> String? {
        let newlines = countNewlines(in: text)
        let isWhole = text.last == 0x0A
        let isPiece = !isWhole && newlines == 0 && text.count == SegmentFormat.longLineBytes
        if header.rows == 0 {
            guard line != .whole, isPiece || (isWhole && newlines == 1) else { return "a piece of a line where none belongs" }
        } else {
            guard line != .open else { return "the line before it is cut" }
            let isLongLine = header.rows == 1 && (isPiece || (isWhole && newlines == 1))
            let isPacked = isWhole && newlines == header.rows && text.count <= SegmentFormat.blockBytes
            guard isLongLine || isPacked else { return "a wrong number of lines" }
        }
        return nil
    }

    // MARK: Finding the way

    /// The end mark's bytes at `offset`: behind the last block, whatever follows it.
    private mutating func isEndMark(at offset: Int) throws(StoreError) -> Bool {
        try bytes(at: offset, count: SegmentFormat.endMark.count) == SegmentFormat.endMark
    }

    /// Where the next header of a block of this segment or the end mark stands; the end of the file when there is none.
    private mutating func findNext(from start: Int) throws(StoreError) -> Int {
        let endMark = size - SegmentFormat.endMark.count
        var position = start
        while position < size {
            let stretch = try bytes(at: position, count: min(Self.windowBytes, size - position))
            if stretch.isEmpty { break }
            if let found = stretch.withUnsafeBytes({ firstHeader(in: $0) }) { return position + found }
            // A header may begin in the last bytes of the stretch and end behind it.
            let step = stretch.count - (BlockHeader.length - 1)
            if position + stretch.count >= size || step <= 0 { break }
            position += step
        }
        return start <= endMark && endMark >= 0 ? try (isEndMark(at: endMark) ? endMark : size) : size
    }

    private func firstHeader(in bytes: UnsafeRawBufferPointer) -> Int? {
        let magic: [UInt8] = [0x1F, 0x8B, 8, 4]
        return magic.withUnsafeBytes { magic in
            var position = 0
            while let found = firstPlace(of: magic, in: bytes, from: position) {
                if let header = BlockHeader(decoding: bytes.slice(found..<bytes.count)), header.segmentID == segmentID { return found }
                position = found + 1
            }
            return nil
        }
    }

    /// Up to `count` bytes from `offset`; fewer at the end of the file.
    private mutating func bytes(at offset: Int, count: Int) throws(StoreError) -> [UInt8] {
        let end = min(offset + count, size)
        guard offset < end else { return [] }
        if offset < windowStart || end > windowStart + window.count {
            window = try file.bytes(at: offset, count: min(max(Self.windowBytes, count), size - offset))
            windowStart = offset
        }
        let first = offset - windowStart
        return Array(window[first..<min(first + (end - offset), window.count)])
    }
}
