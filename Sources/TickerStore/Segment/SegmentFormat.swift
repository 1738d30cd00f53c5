/// The numbers of a segment's three files (`FORMAT.md`: Lines of a segment, Index, Dead rows).
enum SegmentFormat {
    /// Bytes of lines that one block may hold; a longer line has blocks of its own.
    static let blockBytes = 32 << 10
    /// Bytes of one line in a block of its own: however badly they compress, the member stays within BGZF's 64 KiB.
    static let longLineBytes = 60_000
    /// The longest gzip member, by BGZF's 16-bit length field.
    static let maximumMember = 1 << 16
    /// BGZF's empty member, which ends the file.
    static let endMark: [UInt8] = [
        0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 0xFF, 6, 0, 0x42, 0x43, 2, 0, 0x1B, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ]

    /// `KSPRIDX1`, the first eight bytes of an index.
    static let indexMagic: UInt64 = 0x3158_4449_5250_534B
    /// `KEND`, the last four.
    static let indexEndMagic: UInt32 = 0x444E_454B
    /// What is written. Indexes of version 1 have number keys of another form (`NumberKey.firstForm`) and are read as well.
    static let indexVersion: UInt16 = 2
    static let oldestIndexVersion: UInt16 = 1
    static let indexHeaderLength = 64
    static let indexFooterLength = 128
    static let seriesEntryLength = 12
    static let blockEntryLength = 16
    static let groupEntryLength = 64
    static let idEntryLength = 24

    /// `KSPRDEL1`, the first eight bytes of a dead rows file.
    static let deadRowsMagic: UInt64 = 0x314C_4544_5250_534B

    /// What to do about damaged lines; ends every message about them.
    static let dataAdvice = "Stop the server, then run `kasparro verify` for the whole picture and `kasparro repair`, or restore a backup."
    /// What to do about a damaged index.
    static let indexAdvice = "`kasparro repair --apply` makes it anew from the lines."

    /// The name under which a file is written before it is whole.
    static func temporary(_ name: String) -> String { ".\(name).tmp" }
}
