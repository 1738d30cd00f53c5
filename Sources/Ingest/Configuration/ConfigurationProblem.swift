package import MarketData

/// Something in a configuration that cannot be as it is, or that should not.
package struct ConfigurationProblem: Error, Sendable, Equatable {
    /// An error keeps the configuration from being used; a warning does not.
    package enum Severity: String, Sendable {
        case error, warning
    }

    package var severity: Severity
    /// The file as it was named.
    package var path: String
    package var place: JSON5Document.Place
    /// RFC 6901; empty for the whole file.
    package var pointer: String
    /// What is wrong and what to do; holds no secret.
    package var message: String
}

extension ConfigurationProblem: CustomStringConvertible {
    /// `kasparro.conf:4:12: /sources/x/quota/per_minut: unknown key; did you mean per_minute?`
    package var description: String {
        "\(path):\(place.line):\(place.column): \(severity == .warning ? "warning: " : "")\(pointer.isEmpty ? "" : pointer + ": ")\(message)"
    }
}

/// Collects problems while a configuration is decoded, so that all are told at once.
package final class ConfigurationProblems {
    /// Nobody reads more.
    private static let most = 200

    package private(set) var list: [ConfigurationProblem] = []

    package init() {}

    /// Notes what is wrong with a value; beyond 200 problems nothing.
    package func add(_ severity: ConfigurationProblem.Severity = .error, at node: ConfigurationNode, _ message: String) {
        guard list.count < Self.most else { return }
        let problem = ConfigurationProblem(
            severity: severity,
            path: node.text.path,
            place: node.text.document.place(of: node.value),
            pointer: node.pointer,
            message: message
        )
        // A member that two readers look at is told once.
        if !list.contains(problem) { list.append(problem) }
    }
}
