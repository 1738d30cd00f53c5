package import TickerStore

/// What decoding takes from its surroundings.
package struct ConfigurationSurroundings: Sendable {
    /// The environment variables.
    package var variables: [String: String]
    package var dataDirectory: String
    /// Sent by sources that declare none.
    package var userAgent: String
    package var fileSystem: any FileSystem
    /// Whether a file may be read by everybody on the machine; false when that is not known.
    package var isReadableByAll: @Sendable (_ path: String) -> Bool

    package init(
        variables: [String: String],
        dataDirectory: String,
        userAgent: String,
        fileSystem: any FileSystem = PosixFileSystem(),
        isReadableByAll: @escaping @Sendable (_ path: String) -> Bool = { _ in false }
    ) {
        self.variables = variables
        self.dataDirectory = dataDirectory
        self.userAgent = userAgent
        self.fileSystem = fileSystem
        self.isReadableByAll = isReadableByAll
    }

    /// A variable's value; an empty one counts as unset.
    package func variable(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
}
