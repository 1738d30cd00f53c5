/// Turns text of one byte a character into UTF-8, a piece at a time.
final class SingleByteDecoder {
    private let read: (UnsafeMutableRawBufferPointer) throws -> Int
    /// The UTF-8 of the bytes from 0x80 up.
    private let sequences: [[UInt8]]
    private var input = [UInt8](repeating: 0, count: 64 << 10)
    private var inputStart = 0
    private var inputEnd = 0
    /// What of a character did not fit the last buffer.
    private var rest: ArraySlice<UInt8> = []

    /// - Parameter read: fills the buffer with the text as it is; 0 at the end.
    init(_ encoding: CSVSource.Encoding, read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) {
        self.read = read
        sequences = (0x80...0xFF).map { byte in
            let isWindows = encoding == .windows1252 && byte < 0xA0
            let scalar = Unicode.Scalar(isWindows ? Self.windows1252[byte - 0x80] : UInt16(byte)) ?? "\u{FFFD}"
            return Array(String(Character(scalar)).utf8)
        }
    }

    /// Fills `buffer` with UTF-8; 0 at the end.
    func decode(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var count = 0
        while count < buffer.count {
            if let byte = rest.popFirst() {
                buffer[count] = byte
                count += 1
                continue
            }
            if inputStart == inputEnd {
                // What there is goes out before more is asked for.
                if count > 0 { return count }
                inputEnd = try input.withUnsafeMutableBytes { try read($0) }
                inputStart = 0
                if inputEnd == 0 { return 0 }
            }
            let byte = input[inputStart]
            inputStart += 1
            if byte < 0x80 {
                buffer[count] = byte
                count += 1
            } else {
                rest = sequences[Int(byte) - 0x80][...]
            }
        }
        return count
    }

    /// The characters of the bytes 0x80 to 0x9F; the five that the code page leaves out are the control characters of their number
    /// (WHATWG Encoding Standard, index windows-1252).
    static let windows1252: [UInt16] = [
        0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
        0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
    ]
}
