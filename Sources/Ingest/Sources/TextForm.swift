/// What the first bytes of a file say it is.
enum TextForm {
    /// How much is looked at.
    static let sampleBytes = 4 << 10
    /// Above this share of control characters, one in so many, it is no text.
    private static let controlShare = 10

    /// A file that is not a table of text: what it is, and what to do.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    static func startsWithByteOrderMark(_ sample: [UInt8]) -> Bool { sample.starts(with: [0xEF, 0xBB, 0xBF]) }

    /// - Throws: When the file is another kind of file.
    static func check(_ sample: [UInt8]) throws(Failure) {
        for (magic, kind, cure) in magics where sample.starts(with: magic) { throw Failure(description: "the file is \(kind); \(cure)") }
        let letters = String(decoding: sample.prefix(256), as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{FEFF}" }.prefix(14).lowercased()
        if ["<!doctype html", "<html"].contains(where: letters.hasPrefix) {
            throw Failure(description: "the file is a web page, not CSV; download the table itself")
        }
        let zeros = (odd: countZeros(sample, from: 1), even: countZeros(sample, from: 0))
        if sample.count >= 16, max(zeros.odd, zeros.even) * 3 > sample.count, min(zeros.odd, zeros.even) * 50 < sample.count {
            throw Failure(description: "the file is UTF-16 text; convert it to UTF-8, as with `iconv -f UTF-16 -t UTF-8`")
        }
        let controls = sample.count { $0 < 0x20 && !(0x09...0x0D).contains($0) }
        if controls * controlShare > sample.count { throw Failure(description: "the file is binary, not CSV; take it out of the inbox") }
    }

    private static func countZeros(_ sample: [UInt8], from start: Int) -> Int {
        stride(from: start, to: sample.count, by: 2).count { sample[$0] == 0 }
    }

    private static let save = "save the sheet as CSV (UTF-8)"
    private static let unpack = "unpack it; only gzip is read as it is"
    private static let magics: [(magic: [UInt8], kind: String, cure: String)] = [
        ([0xFF, 0xFE, 0, 0], "UTF-32 text", "convert it to UTF-8, as with `iconv -f UTF-32 -t UTF-8`"),
        ([0, 0, 0xFE, 0xFF], "UTF-32 text", "convert it to UTF-8, as with `iconv -f UTF-32 -t UTF-8`"),
        ([0xFF, 0xFE], "UTF-16 text", "convert it to UTF-8, as with `iconv -f UTF-16 -t UTF-8`"),
        ([0xFE, 0xFF], "UTF-16 text", "convert it to UTF-8, as with `iconv -f UTF-16 -t UTF-8`"),
        ([0x50, 0x4B, 0x03, 0x04], "a zip archive or an .xlsx workbook", "unpack the archive, or save the sheet as CSV (UTF-8)"),
        ([0xD0, 0xCF, 0x11, 0xE0], "an .xls workbook", save),
        ([0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd", unpack),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "compressed with xz", unpack),
        ([0x42, 0x5A, 0x68, 0x39, 0x31, 0x41, 0x59], "compressed with bzip2", unpack),
        ([0x37, 0x7A, 0xBC, 0xAF], "a 7z archive", unpack),
        ([0x1F, 0x8B], "compressed with gzip twice", "unpack it once"),
        (Array("%PDF".utf8), "a PDF document", "take it out of the inbox"),
        (Array("PAR1".utf8), "a Parquet file", "convert it to CSV"),
        (Array("SQLite format 3".utf8), "an SQLite database", "export its table as CSV"),
    ]
}
