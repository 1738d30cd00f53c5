import CExpat
import Glibc

/// What a document has, as the parser comes to it. Names are as written; text is UTF-8, entities and CDATA resolved, in pieces of any size.
protocol SAXHandler: AnyObject {
    func open(_ name: UnsafeBufferPointer<UInt8>, _ attributes: SAXAttributes) throws(FeedFailure)
    func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(FeedFailure)
    func close() throws(FeedFailure)
}

/// The attributes of an element, lent while it is opened.
struct SAXAttributes {
    /// Names and values in turn, ended by nil.
    fileprivate let pairs: UnsafeMutablePointer<UnsafePointer<CChar>?>

    func forEach<E: Error>(_ body: (_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) throws(E) -> Void) throws(E) {
        var index = 0
        while let name = pairs[index], let value = pairs[index + 1] {
            try body(bytes(name), bytes(value))
            index += 2
        }
    }
}

/// An XML document read from left to right by libexpat, within limits and without a document type: no entity but the five that XML has.
final class SAXParser {
    static let maximumDepth = 64
    static let maximumNameBytes = 1 << 10
    /// What expat takes in one call, with room to spare.
    private static let largestPiece = 1 << 30

    private let parser: XML_Parser
    /// Set while expat runs.
    private var handler: (any SAXHandler)?
    private var failure: FeedFailure?
    private var depth = 0
    private var hasBegun = false
    /// Lines of white space before the document that expat was not given.
    private var skippedLines = 0

    init() {
        guard let parser = XML_ParserCreate(nil) else { preconditionFailure("expat cannot start: out of memory") }
        self.parser = parser
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetElementHandler(parser, { SAXParser.of($0).open($1!, SAXAttributes(pairs: $2!)) }, { data, _ in SAXParser.of(data).close() })
        XML_SetCharacterDataHandler(parser) { SAXParser.of($0).text($1!, count: Int($2)) }
        XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in SAXParser.of(data).fail(.doctype) }
        XML_SetUnknownEncodingHandler(parser, { SAXParser.of($0).describe(encoding: $1!, in: $2!) }, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { XML_ParserFree(parser) }

    /// Reads a piece of the document, or the rest of it. After a failure there is nothing more to read.
    ///
    /// One large piece is better than many: expat looks again at a tag that is cut, from its start.
    func read(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool, _ handler: any SAXHandler) throws(FeedFailure) {
        self.handler = handler
        defer { self.handler = nil }
        var rest = hasBegun ? bytes[...] : skippingBlanks(bytes)
        repeat {
            let piece = UnsafeBufferPointer(rebasing: rest.prefix(Self.largestPiece))
            rest = rest.dropFirst(piece.count)
            let isFinal = isLast && rest.isEmpty
            let status = piece.withMemoryRebound(to: CChar.self) { XML_Parse(parser, $0.baseAddress, Int32($0.count), isFinal ? 1 : 0) }
            if let failure { throw failure }
            if status != XML_STATUS_OK { throw remember(expatFailure(isFinal: isFinal)) }
        } while !rest.isEmpty
    }

    var line: Int { skippedLines + Int(XML_GetCurrentLineNumber(parser)) }

    /// Templates leave empty lines before the XML declaration, where the standard has none.
    private func skippingBlanks(_ bytes: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>> {
        let blanks = bytes.prefix { $0 == 0x20 || (0x09...0x0D).contains($0) }
        skippedLines += blanks.count { $0 == 0x0A }
        let rest = bytes[blanks.endIndex...]
        hasBegun = !rest.isEmpty
        return rest
    }

    private func expatFailure(isFinal: Bool) -> FeedFailure {
        let code = XML_GetErrorCode(parser)
        switch code {
        case XML_ERROR_NO_ELEMENTS where isFinal, XML_ERROR_UNCLOSED_TOKEN where isFinal, XML_ERROR_PARTIAL_CHAR where isFinal,
            XML_ERROR_UNCLOSED_CDATA_SECTION where isFinal:
            return .truncated(line: line)
        default:
            let reason = XML_ErrorString(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
            return .malformed(reason, line: line)
        }
    }

    private func remember(_ failure: FeedFailure) -> FeedFailure {
        self.failure = failure
        return failure
    }
}

// What expat calls. It may do so once more after it was told to stop.
extension SAXParser {
    private static func of(_ data: UnsafeMutableRawPointer?) -> SAXParser { Unmanaged.fromOpaque(data!).takeUnretainedValue() }

    private func fail(_ failure: FeedFailure) {
        if self.failure == nil { self.failure = failure }
        XML_StopParser(parser, 0)
    }

    private func open(_ name: UnsafePointer<CChar>, _ attributes: SAXAttributes) {
        guard failure == nil, let handler else { return }
        let name = bytes(name)
        depth += 1
        guard depth <= Self.maximumDepth else { return fail(.tooDeep(line: line)) }
        var longestName = name.count
        attributes.forEach { name, _ in longestName = max(longestName, name.count) }
        guard longestName <= Self.maximumNameBytes else { return fail(.nameTooLong(line: line)) }
        do throws(FeedFailure) { try handler.open(name, attributes) } catch { fail(error) }
    }

    private func text(_ start: UnsafePointer<CChar>, count: Int) {
        guard failure == nil, let handler else { return }
        let raw = UnsafeRawBufferPointer(start: start, count: count)
        do throws(FeedFailure) { try handler.text(raw.assumingMemoryBound(to: UInt8.self)) } catch { fail(error) }
    }

    private func close() {
        guard failure == nil, let handler else { return }
        depth -= 1
        do throws(FeedFailure) { try handler.close() } catch { fail(error) }
    }

    /// Tells expat what the bytes of an encoding mean that it does not know itself.
    private func describe(encoding name: UnsafePointer<CChar>, in encoding: UnsafeMutablePointer<XML_Encoding>) -> Int32 {
        let name = String(cString: name)
        guard ["windows-1252", "cp1252"].contains(name.lowercased()) else {
            fail(.unknownEncoding(String(name.prefix(40))))
            return Int32(XML_STATUS_ERROR.rawValue)
        }
        encoding.pointee.data = nil
        encoding.pointee.convert = nil
        encoding.pointee.release = nil
        withUnsafeMutableBytes(of: &encoding.pointee.map) { raw in
            let map = raw.assumingMemoryBound(to: Int32.self)
            for byte in 0..<256 { map[byte] = Int32(byte) }
            // What the code page leaves out is no character of a document.
            for (offset, scalar) in SingleByteDecoder.windows1252.enumerated() { map[0x80 + offset] = scalar < 0xA0 ? -1 : Int32(scalar) }
        }
        return Int32(XML_STATUS_OK.rawValue)
    }
}

/// A C string's bytes.
private func bytes(_ text: UnsafePointer<CChar>) -> UnsafeBufferPointer<UInt8> {
    UnsafeRawBufferPointer(start: text, count: strlen(text)).assumingMemoryBound(to: UInt8.self)
}
