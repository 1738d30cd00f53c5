/// The keys of one number of the rows of a group, as `NumberKey` makes them.
struct NumberKeys: @unchecked Sendable {
    // Memory that nobody writes to, kept alive by `owner`.
    private let bytes: UnsafeRawBufferPointer
    private let owner: AnyObject
    private let areOfFirstForm: Bool

    /// - Parameter areOfFirstForm: Whether they stand in an index of version 1.
    init(bytes: UnsafeRawBufferPointer, owner: AnyObject, areOfFirstForm: Bool = false) {
        self.bytes = bytes
        self.owner = owner
        self.areOfFirstForm = areOfFirstForm
    }

    /// Keys that lie in memory.
    init(_ keys: [UInt64]) {
        let memory = HeapBytes(keys.withUnsafeBytes { [UInt8]($0) })
        self.init(bytes: memory.bytes, owner: memory)
    }

    /// Rows of the group.
    var count: Int { bytes.count / 8 }

    /// The key of a row, counted in the group.
    @inline(__always)
    subscript(_ row: Int) -> UInt64 {
        let key = bytes.integer(UInt64.self, at: 8 * row)
        return areOfFirstForm ? NumberKey.fromFirstForm(key) : key
    }
}
