/// The keys of one number of the rows of a group, as `NumberKey` makes them.
struct NumberKeys: @unchecked Sendable {
    // Memory that nobody writes to, kept alive by `owner`.
    private let bytes: UnsafeRawBufferPointer
    private let owner: AnyObject

    init(bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        self.bytes = bytes
        self.owner = owner
    }

    /// Rows of the group.
    var count: Int { bytes.count / 8 }

    /// The key of a row, counted in the group.
    @inline(__always)
    subscript(_ row: Int) -> UInt64 { bytes.integer(UInt64.self, at: 8 * row) }
}
