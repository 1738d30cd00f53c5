import MarketData

/// What a person says about a source's field: `kasparro mappings approve|forbid|reset SOURCE FIELD[=TARGET]`.
package struct MappingChange: Sendable, Equatable {
    /// The command that said it.
    package enum Action: String, Sendable, CaseIterable {
        case approve, forbid, reset
    }

    package var action: Action
    package var source: String
    /// The source's name; nil: all of its fields, to be forgotten.
    package var field: String?
    /// Ours.
    package var target: String?

    package init(action: Action, source: String, field: String?, target: String?) {
        self.action = action
        self.source = source
        self.field = field
        self.target = target
    }

    /// Why it cannot be done, for people.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
        /// Whether nothing is wrong with what was asked, and the store cannot take it.
        package var isOfStore = false
    }
}

extension MappingChange {
    /// The source's field as its records have it: pointers begin with a slash, which is easily left out.
    func name(in shapes: [KnownShape], isPointer: Bool) -> String? {
        guard let field else { return nil }
        if shapes.contains(where: { $0.nameSet.contains(field) }) || field.hasPrefix("/") || !isPointer { return field }
        return "/" + field
    }

    /// The field of ours that is meant; without one the target of the candidate that waits for a judgement.
    func target(of name: String, in shapes: [KnownShape]) throws(Failure) -> TickerField? {
        if let target {
            if let field = TickerField(rawValue: target) { return field }
            let known = TickerField.allCases.map(\.rawValue)
            let nearest = NearestName.of(target, among: known).map { "; did you mean \($0)?" } ?? ""
            throw Failure(description: "“\(target)” is no field of a row; known are \(known.joined(separator: ", "))\(nearest)")
        }
        guard action == .approve else { return nil }
        let targets = Set(shapes.flatMap(\.decision.candidates).filter { $0.from == name }.map(\.to))
        guard targets.count == 1, let only = targets.first else {
            throw Failure(
                description: "say what \(name) of \(source) is to give: kasparro mappings approve \(source) \(shellQuoted("\(name)=price_usd"))"
            )
        }
        return only
    }
}
