import MarketData

/// The numbers of the write-ahead log's format. `FORMAT.md` beside this module has the byte tables.
package enum LogFormat {
    /// `KSPRWAL1`, the first eight bytes of every file.
    static let fileMagic: UInt64 = 0x314C_4157_5250_534B
    /// `KREC`, the first four bytes of every record.
    static let recordMagic: UInt32 = 0x4345_524B
    static let version: UInt16 = 1
    static let fileHeaderLength = 64
    static let recordHeaderLength = 40
    /// One limit for writer and reader: what the reader would refuse is never written.
    package static let maximumPayload = 16 << 20
    /// Limits of one batch: rows, and bytes of lines, raw records and quarantined records together.
    package static let maximumBatchRows = 5_000
    package static let maximumBatchBytes = 8 << 20
    /// Quarantined records that one batch takes out.
    package static let maximumBatchRemovals = 5_000
    /// The longest stored line, its newline included; part columns keep lengths in 16 bits.
    static let maximumLine = Int(UInt16.max)

    /// The name of the file whose first record has this LSN.
    static func fileName(firstLSN: UInt64) -> String {
        Hexadecimal.text(firstLSN) + ".wal"
    }

    /// The first LSN that a file name states; nil when it is not a log file's name.
    static func firstLSN(ofFileName name: String) -> UInt64? {
        guard name.utf8.count == 20, name.hasSuffix(".wal") else { return nil }
        let digits = name.dropLast(4)
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else { return nil }
        return UInt64(digits, radix: 16)
    }
}
