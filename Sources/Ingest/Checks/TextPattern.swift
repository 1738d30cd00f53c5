/// A declared regular expression that finds a value in a text: the first group of the first match, or the whole match where it has no group.
package struct TextPattern {
    /// Longer texts, in bytes, are not searched: no value is that far inside one, and a search may take long.
    package static let longestText = 4 << 10

    private let regex: Regex<AnyRegexOutput>

    /// - Throws: What is wrong with the expression, as a text for people.
    package init(_ pattern: String) throws(Unreadable) {
        do {
            // By scalar: what a pattern finds must not depend on how Unicode joins characters.
            regex = try Regex(pattern).matchingSemantics(.unicodeScalar)
        } catch {
            throw Unreadable(pattern: pattern, reason: "\(error)")
        }
    }

    /// A pattern that is no regular expression.
    package struct Unreadable: Error, Equatable, CustomStringConvertible {
        package var pattern: String
        package var reason: String

        package var description: String { "`\(pattern)` is not a regular expression: \(reason)" }
    }

    /// What a search comes to.
    package enum Finding<Text: Equatable & Sendable>: Equatable, Sendable {
        case value(Text)
        /// The text matches and the group took no part in it: there is no value.
        case nothing
        /// There is no match, or the text is too long to look for one.
        case unreadable
    }

    package func find(in text: String) -> Finding<String> {
        guard text.utf8.count <= Self.longestText, let match = try? regex.firstMatch(in: text) else { return .unreadable }
        guard let value = match.output[match.output.count > 1 ? 1 : 0].substring else { return .nothing }
        return .value(String(value))
    }

    /// The value, if there is one.
    package func value(in text: String) -> String? { if case .value(let value) = find(in: text) { value } else { nil } }
}

/// A pattern over one field of record after record. Most records of a file say the same as the one before, as its symbol does, and a search
/// costs more than all else that is done with a record; so the last answer is kept.
final class FieldPattern {
    private let pattern: TextPattern
    private var text: [UInt8]?
    private var found = TextPattern.Finding<[UInt8]>.nothing

    init(_ pattern: TextPattern) { self.pattern = pattern }

    func find(in text: Span<UInt8>) -> TextPattern.Finding<[UInt8]> {
        guard text.count <= TextPattern.longestText else { return .unreadable }
        return text.withUnsafeBufferPointer { bytes in
            if let known = self.text, known.count == bytes.count, known.elementsEqual(bytes) { return found }
            found =
                switch pattern.find(in: String(decoding: bytes, as: UTF8.self)) {
                case .value(let value): .value(Array(value.utf8))
                case .nothing: .nothing
                case .unreadable: .unreadable
                }
            self.text = Array(bytes)
            return found
        }
    }
}
