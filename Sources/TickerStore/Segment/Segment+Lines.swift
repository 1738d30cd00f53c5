extension Segment {
    /// Reads the lines of rows.
    ///
    /// - Parameters:
    ///   - rows: Row numbers in the segment, ascending.
    ///   - cache: Where decoded blocks are looked for and kept; nil for a reader that passes through once.
    ///   - body: Called for each row in order, with its index in `rows` and its line without the newline; the bytes are lent for the call.
    /// - Throws: `.corrupt` naming the lines file and the offset of the damaged block.
    func readLines(_ rows: [Int], cache: BlockCache?, _ body: (Int, UnsafeRawBufferPointer) -> Void) throws(StoreError) {
        if let cache { isKept(in: cache) }
        var inflater: Inflater?
        var next = 0
        while next < rows.count {
            precondition(rows[next] >= 0 && rows[next] < rowCount, "no such row")
            let number = index.block(ofRow: rows[next])
            let inBlock = index.rows(ofBlock: number)
            let block: DecodedBlock
            if let cache {
                block = try cache.block(segment: id, number: number) { () throws(StoreError) in try decode(number, &inflater) }
            } else {
                block = try decode(number, &inflater)
            }
            while next < rows.count, inBlock.contains(rows[next]) {
                block.withLine(rows[next] - inBlock.lowerBound) { body(next, $0) }
                next += 1
            }
        }
    }

    /// Reads and checks a block, and those behind it that go on with its line.
    ///
    /// - Parameter inflater: Made when it is first needed.
    /// - Throws: `.corrupt`.
    func decode(_ number: Int, _ inflater: inout Inflater?) throws(StoreError) -> DecodedBlock {
        let reusable: Inflater
        if let inflater { reusable = inflater } else { reusable = try Inflater() }
        inflater = reusable
        var last = number
        while last + 1 < index.blockCount, index.rows(ofBlock: last + 1).isEmpty { last += 1 }
        var bytes = try decodeMember(number, reusable)
        if last > number {
            for continuation in number + 1...last { bytes += try decodeMember(continuation, reusable) }
        }
        guard let block = DecodedBlock(bytes, lines: index.rows(ofBlock: number).count) else {
            throw damage(number, "block \(number) does not hold the lines that the index tells of")
        }
        return block
    }

    /// The decompressed bytes of one gzip member.
    ///
    /// The CRC of the member in the index covers everything in it, so the CRC of the text need not be computed too.
    private func decodeMember(_ number: Int, _ inflater: Inflater) throws(StoreError) -> [UInt8] {
        let start = index.offset(ofBlock: number)
        let end = number + 1 < index.blockCount ? index.offset(ofBlock: number + 1) : info.bytes - SegmentFormat.endMark.count
        let member = try data.bytes(at: start, count: end - start)
        guard member.count == end - start, member.withUnsafeBytes({ crc32($0) }) == index.block(number).crc else {
            throw damage(number, "block \(number) is damaged")
        }
        guard let text = inflateMember(member, number, inflater) else { throw damage(number, "block \(number) is not what its place calls for") }
        return text
    }

    private func inflateMember(_ member: [UInt8], _ number: Int, _ inflater: Inflater) -> [UInt8]? {
        member.withUnsafeBytes { member in
            let rows = index.rows(ofBlock: number)
            let body = BlockHeader.length..<member.count - BlockHeader.trailerLength
            let length = Int(member.integer(UInt32.self, at: member.count - 4))
            guard let header = BlockHeader(decoding: member), header.segmentID == id, header.number == number, header.firstRow == rows.lowerBound,
                header.rows == rows.count, length <= SegmentFormat.longLineBytes
            else { return nil }
            var isWhole = false
            let text = [UInt8](unsafeUninitializedCapacity: length) { buffer, initialized in
                isWhole = inflater.decompress(member.slice(body), into: UnsafeMutableRawBufferPointer(buffer))
                initialized = isWhole ? length : 0
            }
            return isWhole ? text : nil
        }
    }

    private func damage(_ number: Int, _ what: String) -> StoreError {
        let rows = index.rows(ofBlock: number)
        return .corrupt(dataPath, offset: index.offset(ofBlock: number), "\(what) (rows from \(rows.lowerBound)). \(SegmentFormat.dataAdvice)")
    }
}
