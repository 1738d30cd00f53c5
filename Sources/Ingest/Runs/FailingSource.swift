package import MarketData

/// A source whose newest attempts have failed: why a server is not as it should be.
package struct FailingSource: Sendable, Equatable {
    package var name: String
    /// Failed attempts in a row.
    package var attempts: Int
    /// What the newest of them says, its first words; nil: a store that an older version wrote does not say it.
    package var error: String?

    package init(name: String, attempts: Int, error: String?) {
        self.name = name
        self.attempts = attempts
        self.error = error
    }

    /// A sentence without its full stop: `csv has failed 3 times in a row: …`.
    package var inWords: String {
        let head = attempts == 1 ? "\(name) has failed" : "\(name) has failed \(attempts) times in a row"
        return error.map { "\(head): \($0)" } ?? head
    }

    /// The beginning of a message, cut behind a word where it is longer than a line may be; `/runs` has all of it.
    static func firstWords(_ message: String) -> String {
        let limit = 200
        guard message.count > limit else { return message }
        let head = message.prefix(limit)
        let end = head.lastIndex(of: " ").flatMap { head[..<$0].isEmpty ? nil : $0 } ?? head.endIndex
        return head[..<end] + "…"
    }
}

extension FailingSource {
    /// As `/health` has it.
    package func append(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("source", name)
        writer.member("attempts", attempts)
        writer.member("error", error)
        writer.endObject()
    }

    /// What `append` wrote; nil when it is something else.
    package init?(_ value: JSONValue) {
        guard let name = value.member("source")?.string, let attempts = value.member("attempts")?.integer else { return nil }
        self.init(name: name, attempts: Int(attempts), error: value.member("error")?.string)
    }
}

extension RunCounters {
    /// Sources that make the server degraded: those that have failed as often as somebody is told of it (spec section 8), and each that failed in a
    /// run that brought nothing.
    ///
    /// - Parameters:
    ///   - names: those that there are, in the order of the answer.
    ///   - last: the last finished run.
    func failing(among names: [String], last: RunRecord?) -> [FailingSource] {
        let lost = last?.status == .failed ? last?.sources ?? [] : []
        return names.compactMap { name in
            guard let attempts = failures[name], attempts >= Incidents.attemptsToAlert || lost.contains(name) else { return nil }
            return FailingSource(name: name, attempts: attempts, error: causes[name])
        }
    }
}
