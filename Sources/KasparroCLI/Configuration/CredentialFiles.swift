import HTTPAPI
import Synchronization
import TickerStore

/// The server's token and key (spec section 9, Auth). Their files are looked at again and again, so that a new token is in force, and the old
/// one out of it, without a restart.
final class CredentialFiles: CredentialReading {
    struct State: Sendable {
        fileprivate var places: Places
        fileprivate var credentials = Credentials()
        /// What the files were when they were read; nil where there is none.
        fileprivate var token: FileStatus?
        fileprivate var key: FileStatus?
        fileprivate var complaint: String?
    }

    /// Where both are.
    fileprivate struct Places: Equatable {
        var token: SecretPlace
        var key: SecretPlace

        init(_ dataDirectory: String, _ configuration: Configuration) throws(CommandFailure) {
            token = try SecretPlace.token(dataDirectory: dataDirectory, configuration)
            key = try SecretPlace.key(dataDirectory: dataDirectory, configuration)
        }
    }

    private let dataDirectory: String
    private let fileSystem: any FileSystem
    private let warning: @Sendable (String) -> Void
    private let state: Mutex<State>
    private let isNew: Bool

    /// Reads both; the token is made when no place for it was named and there is none.
    ///
    /// - Parameter warning: told once of a file that has become unusable; what it held stays in force.
    /// - Throws: `CommandFailure`.
    init(
        dataDirectory: String,
        _ configuration: Configuration,
        fileSystem: any FileSystem,
        warning: @escaping @Sendable (String) -> Void
    ) throws(CommandFailure) {
        let places = try Places(dataDirectory, configuration)
        self.dataDirectory = dataDirectory
        self.fileSystem = fileSystem
        self.warning = warning
        var isNew = false
        if case .file(let path) = places.token, try SecretFile.read(path, fileSystem) == nil {
            guard path == dataDirectory + "/token" else { throw SecretPlace.missing(path, configuration) }
            _ = try SecretFile.generateIfMissing(at: path, fileSystem)
            isNew = true
        }
        self.isNew = isNew
        var state = State(places: places)
        try Self.read(fileSystem, into: &state)
        self.state = Mutex(state)
    }

    /// Looks at the token as a start would, and makes none.
    ///
    /// - Throws: `CommandFailure`, the one that the start would end with.
    static func checkToken(dataDirectory: String, _ configuration: Configuration, fileSystem: any FileSystem) throws(CommandFailure) {
        let place = try SecretPlace.token(dataDirectory: dataDirectory, configuration)
        guard case .file(let path) = place, try SecretFile.read(path, fileSystem) == nil, path != dataDirectory + "/token" else { return }
        throw SecretPlace.missing(path, configuration)
    }

    /// The same for the key of JSON Web Tokens, which need not be there.
    static func checkKey(dataDirectory: String, _ configuration: Configuration, fileSystem: any FileSystem) throws(CommandFailure) {
        let place = try SecretPlace.key(dataDirectory: dataDirectory, configuration)
        if let key = try place.read(fileSystem) { try SecretPlace.checkKey(key, place) }
    }

    /// What a configuration makes of them now, to be `use`d.
    ///
    /// - Throws: `CommandFailure` when one of the files is no good, or a token file that was named is not there.
    func reread(_ configuration: Configuration) throws(CommandFailure) -> State {
        var state = State(places: try Places(dataDirectory, configuration))
        if case .file(let path) = state.places.token, path != dataDirectory + "/token", try SecretFile.read(path, fileSystem) == nil {
            throw SecretPlace.missing(path, configuration)
        }
        let before = self.state.withLock { $0 }
        // As in `read`: where a file is gone, nothing is changed.
        if before.places.token == state.places.token { state.credentials.token = before.credentials.token }
        if before.places.key == state.places.key { state.credentials.key = before.credentials.key }
        try Self.read(fileSystem, into: &state)
        return state
    }

    /// Takes them into force; true when they are not those from before.
    func use(_ new: State) -> Bool {
        state.withLock { state in
            defer { state = new }
            return state.credentials != new.credentials || state.places != new.places
        }
    }

    func current() -> Credentials {
        state.withLock { state in
            do throws(CommandFailure) {
                try Self.read(fileSystem, into: &state)
                state.complaint = nil
            } catch {
                if state.complaint != error.message { warning(error.message + "; what was there before stays in force") }
                state.complaint = error.message
            }
            return state.credentials
        }
    }

    /// For the banner.
    var tokenOrigin: String {
        let tokenPlace = state.withLock { $0.places.token }
        if isNew, case .file(let path) = tokenPlace { return "generated, in \(path) (mode 0600)" }
        return tokenPlace.origin
    }

    /// How the token gets into a command line.
    var tokenExpression: String {
        switch state.withLock({ $0.places.token }) {
        case .variable(let name, _): "$\(name)"
        case .file(let path): "$(cat \(path))"
        }
    }

    private static func read(_ fileSystem: any FileSystem, into state: inout State) throws(CommandFailure) {
        // A file that is gone says nothing about what is to be in force instead.
        if let token = try changed(state.places.token, state.token, fileSystem) {
            state.credentials.token = token.text
            state.token = token.status
        }
        if let key = try changed(state.places.key, state.key, fileSystem) {
            try SecretPlace.checkKey(key.text, state.places.key)
            state.credentials.key = Array(key.text.utf8)
            state.key = key.status
        }
    }

    /// The secret of a place, unless it is as it was.
    private static func changed(
        _ place: SecretPlace,
        _ before: FileStatus?,
        _ fileSystem: any FileSystem
    ) throws(CommandFailure) -> (text: String, status: FileStatus?)? {
        switch place {
        case .variable(_, let value):
            return (value, nil)
        case .file(let path):
            // A link may lead elsewhere without being changed itself, so the file behind it is asked.
            if let before, let file = try? fileSystem.open(path, .read), let now = try? file.status(), now == before { return nil }
            return try SecretFile.read(path, fileSystem, cure: SecretPlace.cure(path)).map { ($0.text, $0.status) }
        }
    }
}
