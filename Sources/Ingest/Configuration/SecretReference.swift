import MarketData
import TickerStore

/// A value that nobody may see, from where a configuration says that it is: `{ env: "NAME" }` or `{ file: "PATH" }`, with or without a prefix.
struct SecretReference {
    /// Largest file that is a secret.
    private static let largest = 64 << 10

    /// Without the prefix.
    let secret: String
    let prefix: String
    /// What names it, for messages about it.
    let place: ConfigurationNode

    /// nil when there is none; why is told.
    init?(_ node: ConfigurationNode, _ surroundings: ConfigurationSurroundings, _ problems: ConfigurationProblems) {
        let reference = ConfigurationSection(layers: [node], problems: problems)
        reference.refuseUnknown(ConfigurationKeys.keys(of: .secret))
        var prefix = ""
        if let text = reference["prefix"] {
            prefix = text.value.string ?? ""
            if text.value.string == nil { problems.add(at: text, "text in quotes is expected, such as \"Bearer \"") }
        }
        guard (reference["env"] == nil) != (reference["file"] == nil) else {
            problems.add(at: node, "one of env and file is expected: { env: \"NAME\" } or { file: \"PATH\" }")
            return nil
        }
        let found = reference["env"] != nil ? Self.variable(reference, surroundings) : Self.file(reference, surroundings)
        guard let (text, place) = found else { return nil }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            problems.add(at: place, "the secret has a line break or a control character in it")
            return nil
        }
        if text.utf8.count < Secrets.shortest {
            problems.add(.warning, at: place, "the secret is shorter than \(Secrets.shortest) bytes, so it is not masked in messages")
        }
        secret = text
        self.prefix = prefix
        self.place = place
    }

    private static func variable(
        _ reference: ConfigurationSection,
        _ surroundings: ConfigurationSurroundings
    ) -> (String, ConfigurationNode)? {
        let problems = reference.problems
        guard let node = reference["env"], let name = problems.string(node, "the name of an environment variable") else { return nil }
        guard let value = surroundings.variable(name) else {
            problems.add(at: node, "the environment variable \(name.prefix(100)) is not set")
            return nil
        }
        return (value, node)
    }

    private static func file(_ reference: ConfigurationSection, _ surroundings: ConfigurationSurroundings) -> (String, ConfigurationNode)? {
        let problems = reference.problems
        guard let node = reference["file"], let name = problems.string(node, "the path of a file") else { return nil }
        let path = node.text.resolved(name)
        var bytes: [UInt8]
        do throws(FileError) {
            guard let contents = try surroundings.fileSystem.contents(path, limit: Self.largest) else {
                throw FileError("open", path, FileError.notFound)
            }
            bytes = contents
        } catch {
            problems.add(at: node, "the secret cannot be read: \(error)")
            return nil
        }
        // As an editor or `echo` leaves it.
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else {
            problems.add(at: node, "the file \(path) is empty")
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            problems.add(at: node, "the file \(path) is not UTF-8")
            return nil
        }
        if surroundings.isReadableByAll(path) {
            problems.add(.warning, at: node, "everybody on this machine may read \(path); take that right away: chmod 600")
        }
        return (text, node)
    }
}
