/// What people have said about a source's fields, and so comes before all that is found out.
struct SchemaRules: Sendable, Equatable {
    /// A source's field and ours.
    struct Pair: Sendable, Hashable {
        var from: String
        var to: TickerField
    }

    /// From the configuration, in its order; of two for one target the first that the source has counts.
    var declared: [Pair] = []
    /// Targets that have their value from elsewhere: a constant, or the name of the file.
    var constants: Set<TickerField> = []
    /// Targets whose field the configuration names for this very source: when it is not there only an explicit name may take its place.
    var cautious: Set<TickerField> = []
    /// Fields that give none of ours and are known all the same: they are kept in the raw record under a name of ours.
    var kept: Set<String> = []
    /// From `kasparro mappings approve`.
    var approved: Set<Pair> = []
    /// From `kasparro mappings forbid`: pairs that must not be.
    var forbidden: Set<Pair> = []
    /// Source fields that must not be mapped to anything.
    var forbiddenFields: Set<String> = []
    /// How often somebody asked for a new decision.
    var resets = 0
    /// Whether anything may be inferred: `schema.mode` is not `freeze`.
    var infers = true

    func forbids(_ from: String, _ to: TickerField) -> Bool { forbiddenFields.contains(from) || forbidden.contains(Pair(from: from, to: to)) }
}
