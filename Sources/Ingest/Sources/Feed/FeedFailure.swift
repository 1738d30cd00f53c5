/// Why a document could not be read, or not to its end.
enum FeedFailure: Error, Equatable {
    /// Not well-formed XML 1.0.
    case malformed(String, line: Int)
    /// The document ends in the middle.
    case truncated(line: Int)
    case doctype
    case unknownEncoding(String)
    /// More elements inside one another than any feed has.
    case tooDeep(line: Int)
    case nameTooLong(line: Int)
    /// The text of an element around the records.
    case textTooLong(path: String)
    case tooManyRecords
    /// The root is none of a feed's, and no path of records was declared.
    case unknownRoot(String)
    case unexpectedRoot(String, expected: String)
    /// A field's path leaves the document.
    case pathAboveRoot(String)
    /// The records' receiver wants no more.
    case stopped

    /// The run record's name for it.
    var errorType: RunRecord.ErrorType {
        switch self {
        case .malformed, .truncated, .doctype, .unknownEncoding: .parse
        case .tooDeep, .nameTooLong, .textTooLong, .tooManyRecords: .tooLarge
        case .unknownRoot, .unexpectedRoot: .shape
        case .pathAboveRoot: .schema
        case .stopped: .interrupted
        }
    }
}

extension FeedFailure: CustomStringConvertible {
    var description: String {
        switch self {
        case .malformed(let reason, let line): "line \(line): not well-formed XML: \(reason)"
        case .truncated(let line): "line \(line): the document ends in the middle"
        case .doctype: "the document has a <!DOCTYPE, which is refused: it can declare entities"
        case .unknownEncoding(let name): "the encoding '\(name)' is not known; known are UTF-8, UTF-16, ISO-8859-1, US-ASCII and windows-1252"
        case .tooDeep(let line): "line \(line): elements are more than \(SAXParser.maximumDepth) deep"
        case .nameTooLong(let line): "line \(line): the name of an element or attribute has more than \(SAXParser.maximumNameBytes) bytes"
        case .textTooLong(let path): "the text of '\(path)' has more than \(FeedRecord.maximumFieldBytes) bytes"
        case .tooManyRecords: "there are more than \(FeedReader.maximumRecords) records; the others were not read"
        case .unknownRoot(let name): "the root element '\(name)' is not that of an RSS or Atom feed; declare 'records', the path to the records"
        case .unexpectedRoot(let name, let expected): "the root element is '\(name)', where '\(expected)' is expected"
        case .pathAboveRoot(let path): "the path '\(path)' leads above the root element"
        case .stopped: "stopped"
        }
    }
}
