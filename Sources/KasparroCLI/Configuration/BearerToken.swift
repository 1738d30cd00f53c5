import TickerStore

/// The token that `POST` routes ask for (spec section 9, Auth).
struct BearerToken {
    var value: String
    /// Where it came from, for the banner.
    var origin: String
    /// The file that has it; nil: an environment variable.
    var file: String?

    /// From `--token-file`, `KASPARRO_TOKEN`, `KASPARRO_TOKEN_FILE`, `token_file`, or `<data-dir>/token`, which is made on the first start.
    static func resolve(file: String?, dataDirectory: String, _ configuration: Configuration, fileSystem: any FileSystem) throws -> BearerToken {
        if let file { return try read(file, fileSystem) }
        if let token = configuration.environment["KASPARRO_TOKEN"], !token.isEmpty {
            return BearerToken(value: try checked(token, "KASPARRO_TOKEN"), origin: "from KASPARRO_TOKEN")
        }
        if let file = try Settings.tokenFile.resolve(nil, configuration) { return try read(file, fileSystem) }
        let own = dataDirectory + "/token"
        var isNew = false
        do throws(FileError) {
            // An empty one counts as none: the disk may have been full when it was made.
            if try (fileSystem.contents(own, limit: 4_096) ?? []).allSatisfy({ $0 == 0x0A || $0 == 0x20 }) {
                try fileSystem.replace("token", in: dataDirectory, with: Array((generated() + "\n").utf8), isPrivate: true)
                isNew = true
            }
        } catch {
            throw CommandFailure(error.isPermission ? .permission : .cannotCreate, "cannot make a token: \(error)")
        }
        var token = try read(own, fileSystem)
        if isNew { token.origin = "generated, in \(own) (mode 0600)" }
        return token
    }

    private static func read(_ path: String, _ fileSystem: any FileSystem) throws -> BearerToken {
        let text: String
        do throws(FileError) {
            text = try readText(path, fileSystem)
        } catch {
            throw CommandFailure(error.isPermission ? .permission : .failure, "cannot read the token: \(error)")
        }
        return BearerToken(value: try checked(text, path), origin: "in \(path)", file: path)
    }

    private static func readText(_ path: String, _ fileSystem: any FileSystem) throws(FileError) -> String {
        guard let bytes = try fileSystem.contents(path, limit: 4_096) else { throw FileError("open", path, FileError.notFound) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func checked(_ text: String, _ origin: String) throws -> String {
        let token = text.drop { $0.isWhitespace }
        guard let end = token.lastIndex(where: { !$0.isWhitespace }), token[...end].utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw CommandFailure(
                .failure,
                "the token \(origin) is empty or has blanks or control characters in it; put one line of printable text there"
            )
        }
        return String(token[...end])
    }

    /// 256 bits from the system's generator, in hexadecimal.
    private static func generated() -> String {
        (0..<4).map { _ in
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
