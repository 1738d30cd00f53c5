package import MarketData
package import TickerStore

/// A configuration file, read and taken apart but not yet understood.
package final class ConfigurationText: Sendable {
    /// Larger ones are no configuration.
    private static let largest = 1 << 20

    /// As it was named; messages begin with it.
    package let path: String
    package let document: JSON5Document

    /// - Throws: the one problem of a text that is not JSON5, or no object.
    package init(path: String, bytes: [UInt8]) throws(ConfigurationProblem) {
        self.path = path
        // No text in UTF-8 has a NUL, and UTF-16 is full of them.
        if bytes.contains(0) {
            let place = JSON5Document.Place(line: 1, column: 1)
            throw ConfigurationProblem(
                severity: .error,
                path: path,
                place: place,
                pointer: "",
                message: "this is no UTF-8 text; save the file as UTF-8"
            )
        }
        do throws(JSON5Document.Failure) {
            document = try JSON5Document(parsing: bytes)
        } catch {
            throw ConfigurationProblem(severity: .error, path: path, place: error.place, pointer: "", message: error.message)
        }
        guard document.root.kind == .object else {
            let place = document.place(of: document.root)
            throw ConfigurationProblem(severity: .error, path: path, place: place, pointer: "", message: "an object is expected: { sources: { … } }")
        }
    }

    /// Reads a file.
    ///
    /// - Throws: `ConfigurationProblem` or `FileError`.
    package static func read(_ path: String, _ fileSystem: any FileSystem) throws -> ConfigurationText {
        guard let bytes = try fileSystem.contents(path, limit: largest) else { throw FileError("open", path, FileError.notFound) }
        return try ConfigurationText(path: path, bytes: bytes)
    }

    /// The whole of it.
    package var root: ConfigurationNode { ConfigurationNode(value: document.root, text: self, pointer: "") }

    /// The directory of the file; relative paths in it begin there.
    package var directory: String { path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "." }

    /// A path that is written in the file, as the process can use it.
    package func resolved(_ path: String) -> String {
        path.hasPrefix("/") || directory == "." ? path : (directory == "/" ? "" : directory) + "/" + path
    }
}

/// A value of a configuration, and where it stands.
package struct ConfigurationNode: Sendable {
    package let value: JSONValue
    package let text: ConfigurationText
    /// RFC 6901; empty for the whole file.
    package let pointer: String

    /// A member of an object; nil where there is none.
    package func member(_ key: String) -> ConfigurationNode? {
        value.member(key).map { ConfigurationNode(value: $0, text: text, pointer: pointer + "/" + Self.token(key)) }
    }

    /// The elements of an array; none for other values.
    package var elements: [ConfigurationNode] {
        value.elements.enumerated().map { ConfigurationNode(value: $1, text: text, pointer: "\(pointer)/\($0)") }
    }

    /// `kasparro.conf:4`
    package var origin: String { "\(text.path):\(text.document.line(of: value))" }

    /// The value's own text, as strict JSON.
    package var json: [UInt8] { value.withRaw { raw in raw.indices.map { raw[$0] } } }

    static func token(_ key: String) -> String { key.replacing("~", with: "~0").replacing("/", with: "~1") }
}
