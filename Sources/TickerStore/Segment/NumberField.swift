/// The numbers of a row, in the order in which an index keeps their keys.
package enum NumberField: Int, CaseIterable, Sendable, Hashable {
    case price
    case volume
    case marketCap
    case percentChange
}
