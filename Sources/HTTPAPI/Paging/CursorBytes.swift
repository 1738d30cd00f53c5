import MarketData

/// The bytes inside a cursor: version, kind, fields, checksum.
///
/// | bytes | content |
/// |---|---|
/// | 1 | version, 2 |
/// | 1 | kind of list (`CursorKind`) |
/// | n | the fields of that kind |
/// | 4 | FNV-1a over all before, big endian |
///
/// The checksum finds a cursor that was cut, mistyped or changed in its case on the way. It is no secret and need not
/// be one, because a cursor gives no right that the same request without it would not have.
enum CursorBytes {
    static let version: UInt8 = 2

    /// A cursor's text.
    static func seal(_ kind: CursorKind, _ fields: CursorWriter) -> String {
        var bytes = [version, kind.rawValue] + fields.bytes
        let sum = checksum(bytes[...])
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: sum >> shift)) }
        return Base64URL.encode(bytes)
    }

    /// The fields of a cursor's text; nil when it is not a whole cursor of this version and kind.
    static func open(_ text: String, _ kind: CursorKind) -> CursorReader? {
        guard let bytes = Base64URL.decode(text), bytes.count >= 6 else { return nil }
        let body = bytes.dropLast(4)
        let sum = bytes.suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard checksum(body) == sum, body[0] == version, body[1] == kind.rawValue else { return nil }
        return CursorReader(body.dropFirst(2))
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }
}

/// Which list a cursor belongs to; a cursor of `/runs` means nothing to `/data`.
enum CursorKind: UInt8 {
    case rows = 1
    case runs = 2
    case latest = 16
    case symbols = 17
    case prices = 18
    case outliers = 19
    case quarantine = 20
    case raw = 21
}

/// Writes the fields of a cursor: integers as variable-length groups of seven bits, texts after their length.
struct CursorWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func count(_ value: Int) { variable(UInt64(value)) }

    /// Zigzag: small negative numbers stay short.
    mutating func integer(_ value: Int64) { variable(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    mutating func text(_ value: [UInt8]) {
        count(value.count)
        bytes.append(contentsOf: value)
    }

    mutating func texts(_ values: [[UInt8]]) {
        count(values.count)
        for value in values { text(value) }
    }

    private mutating func variable(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// Reads what `CursorWriter` wrote. Each call gives nil where the bytes end too early or say something impossible.
struct CursorReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func count() -> Int? {
        // Nothing counted in a cursor can be more than its own bytes.
        variable().flatMap { Int(exactly: $0) }.flatMap { $0 <= rest.count ? $0 : nil }
    }

    mutating func integer() -> Int64? {
        variable().map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) }
    }

    /// A time between the years 0 and 9999: nothing that this server wrote lies outside, and whoever writes a cursor of his own must not get at the
    /// edges of the integers.
    mutating func time() -> Timestamp? {
        integer().flatMap { (-62_167_219_200_000...253_402_300_799_999).contains($0) ? Timestamp(milliseconds: $0) : nil }
    }

    mutating func text() -> [UInt8]? {
        guard let length = count() else { return nil }
        defer { rest = rest.dropFirst(length) }
        return Array(rest.prefix(length))
    }

    mutating func texts() -> [[UInt8]]? {
        guard let number = count() else { return nil }
        var values: [[UInt8]] = []
        for _ in 0..<number {
            guard let value = text() else { return nil }
            values.append(value)
        }
        return values
    }

    private mutating func variable() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            // The tenth group has room for one bit only.
            if shift == 63, byte > 1 { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}
