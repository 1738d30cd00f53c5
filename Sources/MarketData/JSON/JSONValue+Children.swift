extension JSONValue {
    /// The values of an array in order; nothing for other values.
    public var elements: Elements {
        let isArray = node.tag == .array
        return Elements(storage: storage, position: index + 1, end: isArray ? Int(node.next) : index + 1)
    }

    /// The members of an object in the order of the text; nothing for other values.
    public var members: Members {
        let isObject = node.tag == .object
        return Members(storage: storage, position: index + 1, end: isObject ? Int(node.next) : index + 1)
    }

    /// Walks the elements of an array.
    public struct Elements: Sequence, IteratorProtocol, Sendable {
        let storage: JSONDocument.Storage
        var position: Int
        let end: Int

        /// The next element, or nil behind the last.
        public mutating func next() -> JSONValue? {
            guard position < end else { return nil }
            let value = JSONValue(storage: storage, index: position)
            position = Int(storage.nodes[position].next)
            return value
        }
    }

    /// Walks the members of an object.
    public struct Members: Sequence, IteratorProtocol, Sendable {
        let storage: JSONDocument.Storage
        var position: Int
        let end: Int

        /// The next member, or nil behind the last.
        public mutating func next() -> (key: JSONValue, value: JSONValue)? {
            guard position < end else { return nil }
            let key = JSONValue(storage: storage, index: position)
            let value = JSONValue(storage: storage, index: position + 1)
            position = Int(storage.nodes[position + 1].next)
            return (key, value)
        }
    }

    // MARK: Members by name

    /// The member of an object with this name, or nil.
    public func member(_ name: String) -> JSONValue? {
        var name = name
        return name.withUTF8 { member(utf8: $0) }
    }

    /// The member of an object with this name in UTF-8, or nil.
    public func member(_ name: [UInt8]) -> JSONValue? {
        name.withUnsafeBufferPointer { member(utf8: $0) }
    }

    /// The member of an object with this name, or nil; no memory is allocated.
    public subscript(_ name: StaticString) -> JSONValue? {
        guard name.hasPointerRepresentation else { return member(name.description) }
        return member(utf8: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    private func member(utf8 name: UnsafeBufferPointer<UInt8>) -> JSONValue? {
        guard node.tag == .object else { return nil }
        let end = Int(node.next)
        return storage.nodes.withUnsafeBufferPointer { nodes in
            storage.bytes.withUnsafeBufferPointer { bytes in
                var key = index + 1
                while key < end {
                    if Self.isKey(nodes[key], name, in: bytes) { return JSONValue(storage: storage, index: key + 1) }
                    key = Int(nodes[key + 1].next)
                }
                return nil
            }
        }
    }

    private static func isKey(
        _ node: JSONNode,
        _ name: UnsafeBufferPointer<UInt8>,
        in bytes: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let content = UnsafeBufferPointer(rebasing: bytes[node.content])
        guard node.hasEscapes else { return sameBytes(content, name) }
        var text: [UInt8] = []
        JSONString.appendDecoded(content, to: &text)
        return text.withUnsafeBufferPointer { sameBytes($0, name) }
    }

    /// The element of an array at `position`, or nil; walks there from the first.
    public func element(_ position: Int) -> JSONValue? {
        guard position >= 0, position < count else { return nil }
        var elements = elements
        for _ in 0..<position { _ = elements.next() }
        return elements.next()
    }
}
