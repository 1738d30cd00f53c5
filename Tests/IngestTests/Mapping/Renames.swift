import Testing

@testable import Ingest

/// One name that a provider gives a field, with values that it could have, and what is right.
struct Rename: Sendable, CustomTestStringConvertible {
    enum Truth: Sendable, Equatable {
        /// The same fact: it may be applied.
        case same(TickerField)
        /// Near to it, but something is not said or is another thing: it may be shown and must not be applied.
        case near(TickerField)
        /// Nothing of ours.
        case nothing

        var target: TickerField? {
            switch self {
            case .same(let target), .near(let target): target
            case .nothing: nil
            }
        }
    }

    let provider: String
    let name: String
    let values: [String]
    let truth: Truth

    var testDescription: String { "\(provider): \(name)" }
}

/// Names of real providers.
///
/// Lines of `provider | name | values | truth`: values are separated by semicolons, `$prices` and the like are usual ones; the truth is a field of ours, the
/// same with `~` before it when the name may be shown but not applied, or `-`.
enum Renames {
    static let pairs = parse(table)
    static let heldOutPairs = parse(heldOut)

    private static let usualValues: [String: String] = [
        "$prices": "43250.5; 2280.75; 0.5213; 97.2; 1.0003; 0.00001234",
        "$volumes": "28500000000; 15200000000; 981233.52; 0; 45120.11; 1200345",
        "$caps": "845000000000; 274000000000; 28100000000; 40900000000; 95000000000; 5400000",
        "$percents": "2.34; -1.87; 0.03; -12.5; 5.01; 0",
        "$shares": "1.0; 0.0527; 0.0000121; 0.00224; 0.0000231; 0.0000000003",
        "$symbols": "BTC; ETH; XRP; SOL; USDT; SHIB",
        "$names": "Bitcoin; Ethereum; XRP; Solana; Tether; Shiba Inu",
        "$slugs": "bitcoin; ethereum; ripple; solana; tether; shiba-inu",
        "$dates": "2024-12-15T14:30:00Z; 2024-12-15T14:31:00Z; 2024-12-15T14:29:12Z",
        "$days": "2024-12-13; 2024-12-14; 2024-12-15",
        "$epochs": "1734273000; 1734273060; 1734272952",
        "$urls": "https://example.test/1/bitcoin.png; https://example.test/2/ethereum.png",
        "$ranks": "1; 2; 3; 4; 5; 6",
    ]

    private static func parse(_ table: String) -> [Rename] {
        table.split(separator: "\n").map { line in
            let cells = line.split(separator: "|").map { $0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed() }.map { String($0) }
            precondition(cells.count == 4, "\(line)")
            let values = (usualValues[cells[2]] ?? cells[2]).split(separator: ";").map { String($0.drop { $0 == " " }) }
            precondition(usualValues[cells[2]] != nil || cells[2].dropFirst().first?.isLetter != true || cells[2].first != "$", "\(line)")
            return Rename(provider: cells[0], name: cells[1], values: values, truth: truth(cells[3]))
        }
    }

    private static func truth(_ text: String) -> Rename.Truth {
        if text == "-" { return .nothing }
        let isNear = text.hasPrefix("~")
        guard let target = TickerField(rawValue: String(text.drop { $0 == "~" })) else { preconditionFailure("no field \(text)") }
        return isNear ? .near(target) : .same(target)
    }
}

/// A field by its name as the loaders make it: a pointer's parts, or a column.
func sampled(_ name: String, _ values: [String] = []) -> SampledField {
    let path = name.hasPrefix("/") ? name.split(separator: "/").map { String($0) } : [name]
    var field = SampledField(name: name, path: path)
    for value in values { field.values.add(text: Array(value.utf8).span) }
    return field
}

/// A sample of these fields.
func sample(_ fields: [SampledField]) -> SchemaSample {
    SchemaSample(fields: fields, records: fields.map { $0.values.present + $0.values.nulls }.max() ?? 0)
}

extension SchemaMapper {
    /// Without rules.
    static var plain: SchemaMapper { SchemaMapper(rules: SchemaRules()) }

    /// Where one field alone ends: applied to, shown for, with which confidence.
    func outcome(_ name: String, _ values: [String] = []) -> (applied: TickerField?, shown: TickerField?, match: SchemaDecision.Match?) {
        let decision = decide(sample([sampled(name, values)]))
        if let match = decision.matches.first { return (match.to, nil, match) }
        return (nil, decision.candidates.first?.to, decision.candidates.first)
    }
}
