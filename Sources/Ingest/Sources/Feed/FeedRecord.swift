import MarketData

/// One record of a feed: the text of its elements and attributes under their paths. The reader fills the same one again and again.
///
/// The text of an element is what stands in it and in the elements inside it, without blanks around it; so markup in a title is harmless. The raw
/// record has the elements that have text of their own or no elements inside, and all attributes; what repeats is `category`, `category#2` and on.
final class FeedRecord {
    /// What a record may take, its paths included; a news article takes some ten kilobytes.
    static let maximumBytes = 1 << 20
    /// What a mapped field may take: no number, name or date is that long, and patterns search all of it.
    static let maximumFieldBytes = 64 << 10
    /// What an entry takes beside its path and text.
    private static let entryBytes = 32

    /// The number of records before it.
    private(set) var position = -1
    /// Whether there was more than is kept.
    private(set) var isTooLong = false
    /// Text of the elements around the record, by path.
    var ancestors: [(path: FeedPath, text: [UInt8])] = []

    private var paths = FeedPathTable()
    private var entries: [Entry] = []
    private var open: [OpenElement] = []
    /// Of all elements, one behind the other; that of an element is in one piece because it is closed after those inside it.
    private var text: [UInt8] = []
    private var attributeText: [UInt8] = []
    /// By number of path: the first entry of this record and how many there are.
    private var occurrences: [Occurrences] = []
    private var size = 0
    /// Elements that were opened and not kept.
    private var unkeptDepth = 0

    private struct Entry {
        var path: UInt32
        /// 1 for the first one.
        var occurrence: UInt32
        var isAttribute: Bool
        var isShown: Bool
        var range: Range<Int>
    }

    private struct OpenElement {
        var entry: Int
        var hasText = false
        var hasElements = false
    }

    private struct Occurrences {
        var first = 0
        var count: UInt32 = 0
    }

    // MARK: Filling

    /// Begins the next record with its own attributes.
    func begin(_ attributes: SAXAttributes) {
        for entry in entries { occurrences[Int(entry.path)].count = 0 }
        entries.removeAll(keepingCapacity: true)
        open.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
        attributeText.removeAll(keepingCapacity: true)
        ancestors.removeAll(keepingCapacity: true)
        size = 0
        unkeptDepth = 0
        isTooLong = false
        position += 1
        // Records of one feed look alike; when they do not, the paths seen are forgotten.
        if paths.byteCount > Self.maximumBytes {
            paths = FeedPathTable()
            occurrences.removeAll()
        }
        openElement(FeedPathTable.record, attributes)
    }

    func open(_ name: UnsafeBufferPointer<UInt8>, _ attributes: SAXAttributes) {
        guard !isTooLong, let parent = open.last else { return unkeptDepth += 1 }
        open[open.count - 1].hasElements = true
        openElement(paths.number(under: entries[parent.entry].path, isAttribute: false, name), attributes)
    }

    private func openElement(_ path: UInt32, _ attributes: SAXAttributes) {
        open.append(OpenElement(entry: entries.count))
        add(path, isAttribute: false, text.count..<text.count)
        attributes.forEach { name, value in
            guard !isTooLong else { return }
            let start = attributeText.count
            let path = paths.number(under: path, isAttribute: true, name)
            guard take(value.count) else { return }
            attributeText.append(contentsOf: value)
            add(path, isAttribute: true, start..<attributeText.count)
        }
    }

    private func add(_ path: UInt32, isAttribute: Bool, _ range: Range<Int>) {
        let number = Int(path)
        while occurrences.count <= number { occurrences.append(Occurrences()) }
        if occurrences[number].count == 0 { occurrences[number].first = entries.count }
        occurrences[number].count += 1
        entries.append(Entry(path: path, occurrence: occurrences[number].count, isAttribute: isAttribute, isShown: isAttribute, range: range))
        _ = take(paths.texts[number].count + Self.entryBytes)
    }

    /// Counts bytes of the record; false when they are too many.
    private func take(_ bytes: Int) -> Bool {
        size += bytes
        if size > Self.maximumBytes { isTooLong = true }
        return !isTooLong
    }

    func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard !isTooLong, take(bytes.count), let last = open.indices.last else { return }
        text.append(contentsOf: bytes)
        if !open[last].hasText { open[last].hasText = bytes.contains { $0 > 0x20 } }
    }

    func close() {
        if unkeptDepth > 0 { return unkeptDepth -= 1 }
        guard let element = open.popLast() else { return }
        let range = entries[element.entry].range.lowerBound..<text.count
        let trimmed = TickerText.trimmed(text.span.extracting(range))
        entries[element.entry].range = range.lowerBound + trimmed.lowerBound..<range.lowerBound + trimmed.upperBound
        // The record's own text is a value when there is some; an element's also when it is empty.
        entries[element.entry].isShown = element.hasText || (!element.hasElements && entries[element.entry].path != FeedPathTable.record)
    }

    // MARK: Looking

    /// Lends the text at a path, of its first occurrence; nil when there is none.
    func withText<R>(at path: FeedPath, _ body: (Span<UInt8>) -> R) -> R? {
        if path.ancestors > 0 { return ancestors.first { $0.path == path }.map { body($0.text.span) } }
        guard let number = paths.number(of: path).map(Int.init), number < occurrences.count, occurrences[number].count > 0 else { return nil }
        let entry = entries[occurrences[number].first]
        let bytes = entry.isAttribute ? attributeText : text
        return body(bytes.span.extracting(entry.range))
    }

    /// Its texts, each path once, in the record's order; those of elements around it behind them.
    ///
    /// - Parameter limit: Of each so many bytes.
    func texts(atMost limit: Int) -> [(path: String, text: [UInt8])] {
        let own = entries.filter { $0.isShown && $0.occurrence == 1 }.map { entry in
            let bytes = entry.isAttribute ? attributeText : text
            return (String(decoding: paths.texts[Int(entry.path)], as: UTF8.self), Array(bytes[entry.range].prefix(limit)))
        }
        return own + ancestors.map { ($0.path.description, Array($0.text.prefix(limit))) }
    }

    /// Appends the record as a JSON object of its texts; false when some of them were left out to keep it within `maximumBytes`.
    func appendRaw(to out: inout [UInt8]) -> Bool {
        let start = out.count
        var isWhole = !isTooLong
        var key: [UInt8] = []
        out.append(UInt8(ascii: "{"))
        func append(_ text: Span<UInt8>) {
            let end = out.count
            if end > start + 1 { out.append(UInt8(ascii: ",")) }
            JSONText.appendEscaped(key.span, to: &out)
            out.append(UInt8(ascii: ":"))
            JSONText.appendEscaped(text, to: &out)
            if out.count - start >= Self.maximumBytes {
                out.removeLast(out.count - end)
                isWhole = false
            }
        }
        for entry in entries where entry.isShown {
            key = paths.texts[Int(entry.path)]
            if entry.occurrence > 1 { key.append(contentsOf: "#\(entry.occurrence)".utf8) }
            let bytes = entry.isAttribute ? attributeText : text
            append(bytes.span.extracting(entry.range))
        }
        for ancestor in ancestors {
            key = Array(ancestor.path.description.utf8)
            append(ancestor.text.span)
        }
        out.append(UInt8(ascii: "}"))
        return isWhole
    }
}
