/// Follows a parser down to an element that is named by its path from the root.
struct ElementMatcher {
    let names: [[UInt8]]
    /// How many of the open elements, from the root on, are those of the path.
    private var matched = 0

    init(_ names: some Sequence<String>) { self.names = names.map { Array($0.utf8) } }

    /// Whether the element, or one inside it, is open.
    var isInside: Bool { matched == names.count }

    /// Notes an element; true when it is the one.
    ///
    /// - Parameter depth: 1 for the root.
    mutating func open(_ name: UnsafeBufferPointer<UInt8>, depth: Int) -> Bool {
        guard matched == depth - 1, depth <= names.count, names[depth - 1].elementsEqual(name) else { return false }
        matched = depth
        return isInside
    }

    /// Notes the end of an element; true when it is the one.
    mutating func close(depth: Int) -> Bool {
        guard matched == depth else { return false }
        defer { matched = depth - 1 }
        return isInside
    }
}

/// A value of an element around the records, or of one before them in it: the first one in that element.
struct AncestorText {
    let path: FeedPath
    private(set) var text: [UInt8]?
    /// The ancestor itself, whose end is the end of the value.
    private var ancestor: ElementMatcher
    private var element: ElementMatcher
    private var isGathering = false

    /// - Parameter records: the path of the records, longer than the number of steps up.
    init(_ path: FeedPath, records: [String]) {
        self.path = path
        let outer = records.dropLast(path.ancestors)
        ancestor = ElementMatcher(outer)
        element = ElementMatcher(outer + path.elements)
    }

    mutating func open(_ name: UnsafeBufferPointer<UInt8>, _ attributes: SAXAttributes, depth: Int) throws(FeedFailure) {
        if ancestor.open(name, depth: depth) { text = nil }
        guard element.open(name, depth: depth), text == nil else { return }
        guard let attribute = path.attribute else {
            isGathering = true
            text = []
            return
        }
        let wanted = Array(attribute.utf8)
        var found: [UInt8]?
        attributes.forEach { name, value in if wanted.elementsEqual(name) { found = Array(value.prefix(FeedRecord.maximumFieldBytes + 1)) } }
        text = found
        try check()
    }

    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) throws(FeedFailure) {
        guard isGathering else { return }
        text?.append(contentsOf: bytes)
        try check()
    }

    mutating func close(depth: Int) {
        if element.close(depth: depth) { isGathering = false }
        if ancestor.close(depth: depth) { text = nil }
    }

    /// What stands behind the first record in an element is not its leading text.
    mutating func beginRecord() { isGathering = false }

    private func check() throws(FeedFailure) {
        if let text, text.count > FeedRecord.maximumFieldBytes { throw .textTooLong(path: path.description) }
    }
}
