/// Whole members in one call; a missing value is written as null, so every document of a kind has the same keys.
///
/// Only the text overload is in the running for a bare `nil`, which would fit all of them.
extension JSONWriter {
    /// A text member, or null.
    public mutating func member(_ key: String, _ value: String?) {
        self.key(key)
        if let value { string(value) } else { null() }
    }

    /// An integer member, or null.
    @_disfavoredOverload
    public mutating func member(_ key: String, _ value: Int?) { member(key, value.map(Int64.init)) }

    /// An integer member, or null.
    @_disfavoredOverload
    public mutating func member(_ key: String, _ value: Int64?) {
        self.key(key)
        if let value { number(value) } else { null() }
    }

    /// An integer member.
    public mutating func member(_ key: String, _ value: Int) { member(key, Int64(value)) }

    /// An integer member.
    public mutating func member(_ key: String, _ value: Int64) {
        self.key(key)
        number(value)
    }

    /// An integer member.
    public mutating func member(_ key: String, _ value: UInt64) {
        self.key(key)
        number(value)
    }

    /// A member that is true or false.
    public mutating func member(_ key: String, _ value: Bool) {
        self.key(key)
        bool(value)
    }

    /// A member that is null.
    public mutating func nullMember(_ key: String) {
        self.key(key)
        null()
    }

    /// A member whose value already is JSON.
    public mutating func rawMember(_ key: String, _ json: [UInt8]) {
        self.key(key)
        raw(json)
    }

    /// A member whose value is an array, each element of which `write` puts down.
    public mutating func array<Elements: Sequence>(_ key: String, _ elements: Elements, _ write: (inout JSONWriter, Elements.Element) -> Void) {
        self.key(key)
        beginArray()
        for element in elements { write(&self, element) }
        endArray()
    }
}
