import MarketData

/// The paths of elements and attributes below a record, numbered in the order of first sight.
struct FeedPathTable {
    /// The number of the record itself.
    static let record: UInt32 = 0

    /// Parent's number, kind and name → number less one.
    private var interner = ByteInterner()
    /// Written as a `FeedPath` is.
    private(set) var texts: [[UInt8]] = [[UInt8(ascii: ".")]]
    /// Of all texts together.
    private(set) var byteCount = 0
    private var key: [UInt8] = []

    /// The number of what is called so under a parent.
    mutating func number(under parent: UInt32, isAttribute: Bool, _ name: UnsafeBufferPointer<UInt8>) -> UInt32 {
        setKey(parent, isAttribute, name)
        let key = key
        let number = interner.intern(key.span) + 1
        if Int(number) == texts.count {
            var text = parent == Self.record ? [] : texts[Int(parent)]
            if isAttribute {
                text.append(UInt8(ascii: "@"))
            } else if parent != Self.record {
                text.append(UInt8(ascii: "/"))
            }
            text.append(contentsOf: name)
            byteCount += text.count
            texts.append(text)
        }
        return number
    }

    /// The number of a path, nil when there was none so far.
    mutating func number(of path: FeedPath) -> UInt32? {
        var number = Self.record
        for step in path.elements.map({ (name: $0, isAttribute: false) }) + (path.attribute.map { [(name: $0, isAttribute: true)] } ?? []) {
            var name = step.name
            name.withUTF8 { setKey(number, step.isAttribute, $0) }
            guard let found = interner.id(of: key.span) else { return nil }
            number = found + 1
        }
        return number
    }

    private mutating func setKey(_ parent: UInt32, _ isAttribute: Bool, _ name: UnsafeBufferPointer<UInt8>) {
        key.removeAll(keepingCapacity: true)
        withUnsafeBytes(of: parent) { key.append(contentsOf: $0) }
        key.append(isAttribute ? 1 : 0)
        key.append(contentsOf: name)
    }
}
