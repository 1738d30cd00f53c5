import CZlib

/// Packs lines into blocks and writes them, each as a gzip member of its own (`FORMAT.md`, Lines of a segment).
final class BlockFileWriter {
    private let segmentID: UInt64
    private let out: FileAppender
    private let deflater: Deflater
    /// Lines that wait for their block, each ended by a newline.
    private let pending: UnsafeMutableRawBufferPointer
    private var pendingBytes = 0
    private var pendingRows = 0
    private let compressed: UnsafeMutableRawBufferPointer
    private var header: [UInt8] = []
    private var group = -1
    /// The next row to be added.
    private(set) var nextRow = 0
    /// What was written, for the index.
    private(set) var blocks: [BlockEntry] = []

    /// - Parameters:
    ///   - level: zlib's level of compression.
    ///   - out: The file, empty.
    init(segmentID: UInt64, level: Int32, out: FileAppender) throws(StoreError) {
        self.segmentID = segmentID
        self.out = out
        deflater = try Deflater(level: level)
        pending = .allocate(byteCount: SegmentFormat.longLineBytes, alignment: 16)
        compressed = .allocate(byteCount: SegmentFormat.maximumMember, alignment: 16)
        header.reserveCapacity(BlockHeader.length)
    }

    deinit {
        pending.deallocate()
        compressed.deallocate()
    }

    /// Starts the next group.
    func beginGroup() {
        group += 1
    }

    /// Writes the last block of the group; no block holds lines of two.
    func endGroup() throws(StoreError) {
        try flush()
    }

    /// Adds a line of the group.
    ///
    /// - Parameter line: Without its newline, and without any other.
    func append(_ line: UnsafeRawBufferPointer) throws(StoreError) {
        if line.count < SegmentFormat.blockBytes {
            if pendingBytes + line.count + 1 > SegmentFormat.blockBytes { try flush() }
            put(line, newline: true)
            pendingRows += 1
        } else {
            try appendLong(line)
        }
    }

    /// Writes the mark that ends the file.
    func finish() throws(StoreError) {
        try out.append(SegmentFormat.endMark)
    }

    private func appendLong(_ line: UnsafeRawBufferPointer) throws(StoreError) {
        try flush()
        var start = 0
        var isFirst = true
        repeat {
            let count = min(line.count + 1 - start, SegmentFormat.longLineBytes)
            let isLast = start + count == line.count + 1
            put(line.slice(start..<start + count - (isLast ? 1 : 0)), newline: isLast)
            pendingRows = isFirst ? 1 : 0
            try flush()
            isFirst = false
            start += count
        } while start <= line.count
    }

    private func put(_ bytes: UnsafeRawBufferPointer, newline: Bool) {
        UnsafeMutableRawBufferPointer(rebasing: pending[pendingBytes..<pendingBytes + bytes.count]).copyMemory(from: bytes)
        pendingBytes += bytes.count
        if newline {
            pending[pendingBytes] = 0x0A
            pendingBytes += 1
        }
    }

    /// Compresses and writes what waits.
    private func flush() throws(StoreError) {
        guard pendingBytes > 0 else { return }
        let text = UnsafeRawBufferPointer(rebasing: pending[0..<pendingBytes])
        let room = UnsafeMutableRawBufferPointer(
            rebasing: compressed[0..<SegmentFormat.maximumMember - BlockHeader.length - BlockHeader.trailerLength]
        )
        guard let length = deflater.compress(text, into: room) else {
            throw StoreError(.inputOutput, "\(out.path): zlib could not compress a block of \(text.count) bytes")
        }
        compressed.storeBytes(of: crc32(text).littleEndian, toByteOffset: length, as: UInt32.self)
        compressed.storeBytes(of: UInt32(text.count).littleEndian, toByteOffset: length + 4, as: UInt32.self)
        let body = UnsafeRawBufferPointer(rebasing: compressed[0..<length + BlockHeader.trailerLength])
        header.removeAll(keepingCapacity: true)
        BlockHeader(
            segmentID: segmentID,
            number: blocks.count,
            group: group,
            firstRow: nextRow,
            rows: pendingRows,
            memberLength: BlockHeader.length + body.count
        ).encode(to: &header)
        let crc = crc32(body, seed: header.withUnsafeBytes { crc32($0) })
        blocks.append(BlockEntry(offset: UInt64(out.offset), firstRow: UInt32(nextRow), crc: crc))
        try out.append(header)
        try out.append(body)
        nextRow += pendingRows
        pendingBytes = 0
        pendingRows = 0
    }
}
