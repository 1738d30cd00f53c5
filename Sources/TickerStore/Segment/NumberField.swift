/// The numbers of a row, in the order in which an index keeps their keys.
enum NumberField: Int, CaseIterable, Sendable {
    case price
    case volume
    case marketCap
    case percentChange
}
