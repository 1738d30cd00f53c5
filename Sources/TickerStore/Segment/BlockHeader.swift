/// The first 46 bytes of a block: a gzip header with BGZF's field `BC` and our own `KS` (`FORMAT.md`, Lines of a segment).
///
/// `KS` says what the block is, so that the index can be made anew from the lines alone, and a damaged file can be entered in the middle.
struct BlockHeader: Equatable {
    static let length = 46
    /// CRC and length of the inflated bytes, behind the deflate stream.
    static let trailerLength = 8
    /// Header, a deflate stream of one byte of text, trailer.
    static let minimumMember = length + 3 + trailerLength

    var segmentID: UInt64
    /// Of the block in the file, from 0.
    var number: Int
    /// Of the group, from 0.
    var group: Int
    /// The first row that begins in the block, or the next one that begins behind it.
    var firstRow: Int
    /// Rows that begin in the block.
    var rows: Int
    /// Header, deflate stream and trailer.
    var memberLength: Int

    /// The bytes before the length field; the same in all blocks.
    private static let start: [UInt8] = [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 0xFF, 34, 0, 0x42, 0x43, 2, 0]
    /// The bytes between the length field and the segment id.
    private static let middle: [UInt8] = [0x4B, 0x53, 24, 0]

    func encode(to out: inout [UInt8]) {
        out.append(contentsOf: Self.start)
        out.append(littleEndian: UInt16(memberLength - 1))
        out.append(contentsOf: Self.middle)
        out.append(littleEndian: segmentID)
        for value in [number, group, firstRow, rows] { out.append(littleEndian: UInt32(value)) }
    }

    /// nil when a byte that is always the same is another, or when the bytes are too few.
    init?(decoding bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.length,
            bytes[0..<16].elementsEqual(Self.start), bytes[18..<22].elementsEqual(Self.middle)
        else { return nil }
        memberLength = Int(bytes.integer(UInt16.self, at: 16)) + 1
        segmentID = bytes.integer(UInt64.self, at: 22)
        number = Int(bytes.integer(UInt32.self, at: 30))
        group = Int(bytes.integer(UInt32.self, at: 34))
        firstRow = Int(bytes.integer(UInt32.self, at: 38))
        rows = Int(bytes.integer(UInt32.self, at: 42))
    }

    init(segmentID: UInt64, number: Int, group: Int, firstRow: Int, rows: Int, memberLength: Int) {
        self.segmentID = segmentID
        self.number = number
        self.group = group
        self.firstRow = firstRow
        self.rows = rows
        self.memberLength = memberLength
    }
}
