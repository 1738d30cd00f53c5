/// The texts of a row, made uniform: blanks cut from both ends, lengths and characters checked.
///
/// Control characters (U+0000–001F, U+007F–009F) are refused inside a text, not removed: they are a sign of a broken
/// record, and a terminal that prints them obeys them.
public enum TickerText {
    /// Why a text cannot be stored.
    public enum Failure: Error, Equatable, Sendable {
        /// Nothing but blanks.
        case empty
        /// More bytes than the field may have.
        case tooLong
        /// A control character inside the text.
        case controlCharacter
        /// Bytes that are not UTF-8.
        case invalidUTF8
    }

    /// The longest symbol, in bytes of UTF-8.
    public static let maximumSymbolBytes = 64
    /// The longest name, in bytes of UTF-8.
    public static let maximumNameBytes = 256
    /// The longest id a source may use for a coin, in bytes of UTF-8.
    public static let maximumSourceIDBytes = 128

    /// Appends the normalised symbol: trimmed, upper case, 1 to 64 bytes.
    ///
    /// Upper case is Unicode's, one scalar for one scalar: `ß` stays, because its upper case is two letters and the
    /// symbol would no longer be the one the source lists.
    ///
    /// - Parameters:
    ///   - text: the source's text, UTF-8.
    ///   - out: where the symbol is appended; unchanged when this throws.
    /// - Throws: `Failure`.
    public static func appendSymbol(_ text: Span<UInt8>, to out: inout [UInt8]) throws(Failure) {
        try text.withUnsafeBufferPointer { (bytes) throws(Failure) in
            let range = Blanks.trimmed(bytes)
            let symbol = UnsafeBufferPointer(rebasing: bytes[range])
            guard !symbol.isEmpty else { throw .empty }
            if symbol.count <= maximumSymbolBytes, appendPrintableASCII(symbol, to: &out) { return }
            let start = out.count
            do throws(Failure) {
                try appendUppercased(symbol, to: &out)
                guard out.count - start <= maximumSymbolBytes else { throw .tooLong }
            } catch {
                out.truncate(to: start)
                throw error
            }
        }
    }

    /// Appends the trimmed name of a coin, 1 to 256 bytes.
    ///
    /// - Parameters:
    ///   - text: the source's text, UTF-8.
    ///   - out: where the name is appended; unchanged when this throws.
    /// - Throws: `Failure`.
    public static func appendName(_ text: Span<UInt8>, to out: inout [UInt8]) throws(Failure) {
        try append(text, limit: maximumNameBytes, to: &out)
    }

    /// Appends the trimmed id that a source uses for a coin, 1 to 128 bytes.
    ///
    /// - Parameters:
    ///   - text: the source's text, UTF-8.
    ///   - out: where the id is appended; unchanged when this throws.
    /// - Throws: `Failure`.
    public static func appendSourceID(_ text: Span<UInt8>, to out: inout [UInt8]) throws(Failure) {
        try append(text, limit: maximumSourceIDBytes, to: &out)
    }

    /// The range of a text without Unicode blanks at its ends, among them U+00A0, U+2000–200B, U+3000 and U+FEFF.
    public static func trimmed(_ text: Span<UInt8>) -> Range<Int> {
        text.withUnsafeBufferPointer { Blanks.trimmed($0) }
    }

    private static func append(_ text: Span<UInt8>, limit: Int, to out: inout [UInt8]) throws(Failure) {
        try text.withUnsafeBufferPointer { (bytes) throws(Failure) in
            let range = Blanks.trimmed(bytes)
            let trimmed = UnsafeBufferPointer(rebasing: bytes[range])
            guard !trimmed.isEmpty else { throw .empty }
            guard trimmed.count <= limit else { throw .tooLong }
            try check(trimmed)
            out.append(contentsOf: trimmed)
        }
    }

    /// Appends the text in upper case when it is nothing but printing ASCII, as nearly every symbol is.
    private static func appendPrintableASCII(_ text: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) -> Bool {
        var isPrintable = true
        for byte in text { isPrintable = isPrintable && byte &- 0x20 < 0x5F }
        guard isPrintable else { return false }
        let start = out.count
        out.append(contentsOf: text)
        out.withUnsafeMutableBufferPointer { bytes in
            for index in start..<bytes.count { bytes[index] = ASCII.uppercased(bytes[index]) }
        }
        return true
    }

    private static func appendUppercased(
        _ text: UnsafeBufferPointer<UInt8>,
        to out: inout [UInt8]
    ) throws(Failure) {
        var index = 0
        while index < text.count {
            let length = try checkedLength(text, at: index)
            let value = UTF8Text.scalar(text, at: index, length: length)
            index += length
            guard let scalar = Unicode.Scalar(value) else { throw .invalidUTF8 }
            let mapping = scalar.properties.uppercaseMapping.unicodeScalars
            let upper = mapping.count == 1 ? mapping.first ?? scalar : scalar
            UTF8Text.append(upper.value, to: &out)
        }
    }

    private static func check(_ text: UnsafeBufferPointer<UInt8>) throws(Failure) {
        var index = 0
        while index < text.count {
            // Printing ASCII needs no closer look.
            if text[index] &- 0x20 < 0x5F {
                index += 1
            } else {
                index += try checkedLength(text, at: index)
            }
        }
    }

    /// The length of the scalar at `index`, which is neither broken nor a control character.
    private static func checkedLength(_ text: UnsafeBufferPointer<UInt8>, at index: Int) throws(Failure) -> Int {
        let length = UTF8Text.sequenceLength(text, at: index)
        guard length > 0 else { throw .invalidUTF8 }
        let isC0 = text[index] < 0x20 || text[index] == ASCII.delete
        let isC1 = length == 2 && text[index] == 0xC2 && text[index + 1] < 0xA0
        guard !isC0, !isC1 else { throw .controlCharacter }
        return length
    }
}
