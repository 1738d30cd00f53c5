/// The fields of a table that go into a record's JSON object, and their names as they stand there.
public struct CSVMembers: Sendable {
    /// The fields, by number, in the order of the object.
    public private(set) var columns: [Int] = []
    /// All names, one behind the other, each as `"name":`; all but the first with a comma before it.
    private(set) var keys: [UInt8] = []
    private var ends: [Int] = []

    /// No members.
    public init() {}

    /// Adds the next member.
    public mutating func append(_ name: [UInt8], column: Int) {
        if !columns.isEmpty { keys.append(ASCII.comma) }
        JSONText.appendEscaped(name.span, to: &keys)
        keys.append(ASCII.colon)
        columns.append(column)
        ends.append(keys.count)
    }

    /// Where in `keys` the name of a member is.
    @inline(__always)
    func range(_ place: Int) -> Range<Int> { (place == 0 ? 0 : ends[place - 1])..<ends[place] }
}
