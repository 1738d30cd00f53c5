import ArgumentParser

/// Options of the server alone.
struct ServingOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Where to listen; port 0 takes a free one. (default: 127.0.0.1:8080, or PORT)", valueName: "addr:port"))
    var listen: String?

    @Option(
        name: .long,
        help: ArgumentHelp("A file with the bearer token for POST routes. (default: <data-dir>/token, made when missing)", valueName: "file")
    )
    var tokenFile: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Origins whose pages may read the API in a browser, separated by commas, or *. (default: none)", valueName: "origins")
    )
    var corsOrigin: String?

    @Flag(name: .long, help: "Log each request at the level info.")
    var accessLog = false

    @Option(
        name: .long,
        help: ArgumentHelp("How often the sources are loaded, on the full hour or the like, UTC: 15m, 1h, 1d. (default: 1h)", valueName: "time")
    )
    var every: String?

    @Flag(name: .long, help: "Load the sources only when somebody asks: neither at start nor on schedule.")
    var noSchedule = false
}
