/// Reads a feed piece by piece and gives its records one at a time; memory is that of one record.
final class FeedReader {
    /// More than any feed has; the others are an error.
    static let maximumRecords = 1_000_000

    /// Records that were given so far.
    private(set) var recordCount = 0

    private let parser = SAXParser()
    private let declaredRecords: [String]?
    private let paths: [FeedPath]
    private let onRecord: (FeedRecord) -> Bool
    private let record = FeedRecord()
    private var depth = 0
    /// Known from the root element on.
    private var records = ElementMatcher([])
    private var ancestors: [AncestorText] = []

    /// - Parameters:
    ///   - records: element names from the root to a record; nil: the items of RSS (`rss/channel/item`), of RDF (`rdf:RDF/item`) or the
    ///     entries of Atom (`feed/entry`), whichever the root element says it is.
    ///   - paths: the values that will be asked for; those of ancestors are kept only when they are named here.
    ///   - onRecord: takes a record, which is only good until it returns; false when it wants no more.
    init(records: [String]?, paths: [FeedPath], onRecord: @escaping (FeedRecord) -> Bool) {
        declaredRecords = records
        self.paths = paths
        self.onRecord = onRecord
    }

    /// Reads the next bytes of the document, or the last ones. After a failure it is over; records given before it are whole.
    func read(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool) throws(FeedFailure) { try parser.read(bytes, isLast: isLast, self) }

    /// Finds out what the records are.
    private func begin(root: String) throws(FeedFailure) {
        guard let names = declaredRecords ?? Self.records(ofFeed: root) else { throw .unknownRoot(String(root.prefix(80))) }
        guard root == names[0] else { throw .unexpectedRoot(String(root.prefix(80)), expected: names[0]) }
        records = ElementMatcher(names)
        for path in paths where path.ancestors > 0 {
            guard path.ancestors < names.count else { throw .pathAboveRoot(path.description) }
            ancestors.append(AncestorText(path, records: names))
        }
    }

    /// The path of the records in a feed, told by its root element.
    private static func records(ofFeed root: String) -> [String]? {
        let prefix = root.lastIndex(of: ":").map { String(root[...$0]) } ?? ""
        switch root.dropFirst(prefix.count) {
        case "rss": return [root, "channel", "item"]
        case "RDF": return [root, "item"]
        case "feed": return [root, prefix + "entry"]
        default: return nil
        }
    }
}

extension FeedReader: SAXHandler {
    func open(_ name: UnsafeBufferPointer<UInt8>, _ attributes: SAXAttributes) throws(FeedFailure) {
        depth += 1
        if depth == 1 {
            try begin(root: String(decoding: name, as: UTF8.self))
        } else if records.isInside {
            return record.open(name, attributes)
        }
        if records.open(name, depth: depth) {
            guard recordCount < Self.maximumRecords else { throw .tooManyRecords }
            for index in ancestors.indices { ancestors[index].beginRecord() }
            record.begin(attributes)
        } else {
            for index in ancestors.indices { try ancestors[index].open(name, attributes, depth: depth) }
        }
    }

    func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(FeedFailure) {
        if records.isInside {
            record.append(bytes)
        } else {
            for index in ancestors.indices { try ancestors[index].append(bytes) }
        }
    }

    func close() throws(FeedFailure) {
        defer { depth -= 1 }
        guard records.isInside else {
            _ = records.close(depth: depth)
            for index in ancestors.indices { ancestors[index].close(depth: depth) }
            return
        }
        record.close()
        guard records.close(depth: depth) else { return }
        recordCount += 1
        for ancestor in ancestors { if let text = ancestor.text { record.ancestors.append((ancestor.path, text)) } }
        if !onRecord(record) { throw .stopped }
    }
}
