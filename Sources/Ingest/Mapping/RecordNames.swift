import MarketData

/// The names of the fields in the first records of a page, as JSON pointers: whatever is no object, some levels deep.
struct RecordNames {
    /// More are not looked at; no API has as many.
    static let maximumNames = 512
    private static let maximumDepth = 5
    private static let maximumMembers = 64
    private static let longestPointer = 300

    /// In the order in which they come.
    private(set) var names: [String] = []

    fileprivate struct Node {
        /// As it stands in the record, with its quotes; a position as digits.
        var token: [UInt8]
        var pointer: String
        var children: [Int] = []
        var isLeaf = false
        /// Whether it was ever something else than null.
        var hasValue = false
        /// The child that came last: the next one is most often the one behind it.
        var last = 0
    }

    private var nodes = [Node(token: [], pointer: "")]

    init(_ records: PageRecords) {
        records.forEach { index, record in
            if let value = record.value { add(value, under: 0, depth: 0) }
            return index + 1 < SchemaSample.maximumRecords
        }
        collect(0)
    }

    private mutating func collect(_ node: Int) {
        guard names.count < Self.maximumNames else { return }
        let found = nodes[node]
        // An object with a member for each coin or day is one field, and not as many.
        let isMap = node > 0 && found.children.count > Self.maximumMembers
        // What is null in one record and an object in another is what is in the object; one odd record hides no field of the others.
        if isMap || found.isLeaf && (found.children.isEmpty || found.hasValue) { names.append(found.pointer) }
        if !isMap { for child in found.children { collect(child) } }
    }

    private mutating func add(_ value: JSONValue, under node: Int, depth: Int) {
        switch value.kind {
        case .object where depth < Self.maximumDepth:
            for (key, member) in value.members {
                if let child = child(of: node, key: key) { add(member, under: child, depth: depth + 1) }
            }
        // Some APIs write a record as an array of its values.
        case .array where depth == 0:
            for (index, element) in value.elements.prefix(64).enumerated() {
                if let child = child(of: node, token: Array("\(index)".utf8), pointer: { "/\(index)" }) { add(element, under: child, depth: 1) }
            }
        default:
            guard node > 0 else { return }
            nodes[node].isLeaf = true
            if !value.isNull { nodes[node].hasValue = true }
        }
    }

    private mutating func child(of node: Int, key: JSONValue) -> Int? {
        key.withRaw { raw in
            let children = nodes[node].children
            let next = nodes[node].last + 1
            if next < children.count, nodes[children[next]].has(raw) {
                nodes[node].last = next
                return children[next]
            }
            return child(of: node, token: raw.bytes) {
                let name = key.string ?? ""
                return "/" + name.replacing("~", with: "~0").replacing("/", with: "~1")
            }
        }
    }

    private mutating func child(of node: Int, token: [UInt8], pointer: () -> String) -> Int? {
        if let place = nodes[node].children.firstIndex(where: { nodes[$0].token == token }) {
            nodes[node].last = place
            return nodes[node].children[place]
        }
        // Objects of many different names, such as one a coin, are no fields.
        guard nodes.count <= 2 * Self.maximumNames else { return nil }
        let text = nodes[node].pointer + pointer()
        guard text.utf8.count <= Self.longestPointer else { return nil }
        nodes.append(Node(token: token, pointer: text))
        nodes[node].last = nodes[node].children.count
        nodes[node].children.append(nodes.count - 1)
        return nodes.count - 1
    }
}

extension RecordNames.Node {
    fileprivate func has(_ raw: Span<UInt8>) -> Bool { raw.withUnsafeBufferPointer { $0.elementsEqual(token) } }
}
