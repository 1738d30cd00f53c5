import MarketData

/// The fields of a source's records and what the first of them say: all that a mapping is decided from (spec section 4).
struct SchemaSample: Sendable {
    /// So many records are looked at, at most.
    static let maximumRecords = 1_000

    /// In the source's order.
    var fields: [SampledField] = []
    var records = 0

    /// The field of this name.
    subscript(name: String) -> SampledField? { fields.first { $0.name == name } }
}

/// One field of a source.
struct SampledField: Sendable {
    /// As it is written in the configuration: a column, a JSON pointer, or a feed's path.
    let name: String
    /// The names on the way to the value, from the outside in, as the source writes them; a column has one.
    let path: [String]
    var values = ValueProfile()

    init(name: String, path: [String]) {
        self.name = name
        self.path = path
    }
}
