package dpo.report.bundle;

import dpo.harness.store.OutputException;
import dpo.harness.sweep.CodeVersion;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The software bill of materials of the running program, in CycloneDX 1.6: the jars of its class path with name,
 * version, licence as their manifests state it, and SHA-256, and the Java platform. It has no time and no paths, so
 * equal programs have equal bills.
 */
final class Sbom {

    static final String FILE = "sbom.cdx.json";

    private static final Pattern JAR = Pattern.compile("(.+?)-(\\d[^-]*(?:-SNAPSHOT|-\\d[^-]*)?)(?:-(.+))?\\.jar");
    private static final Pattern POM = Pattern.compile("META-INF/maven/[^/]+/([^/]+)/pom\\.properties");

    private Sbom() {}

    /** The bill of this process, whose class path does not change. */
    static Map<String, Object> ofClassPath() {
        return OfProcess.BILL;
    }

    /** Computed at first use: it reads some hundred MB. */
    private static final class OfProcess {
        static final Map<String, Object> BILL = compute();
    }

    private static Map<String, Object> compute() {
        List<Object> components = new ArrayList<>();
        components.add(component(
                "platform",
                System.getProperty("java.vm.name"),
                System.getProperty("java.version"),
                "java",
                Map.of("publisher", System.getProperty("java.vendor"))));
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.toString().endsWith(".jar") && Files.isRegularFile(path))
                .sorted((one, other) -> one.getFileName()
                        .toString()
                        .compareTo(other.getFileName().toString()))
                .forEach(path -> components.add(jar(path)));
        Map<String, Object> bom = new LinkedHashMap<>();
        bom.put("bomFormat", "CycloneDX");
        bom.put("specVersion", "1.6");
        bom.put(
                "serialNumber",
                "urn:uuid:" + UUID.nameUUIDFromBytes(components.toString().getBytes(StandardCharsets.UTF_8)));
        bom.put("version", 1);
        bom.put(
                "metadata",
                Map.of("component", component("application", "dpo", CodeVersion.ofBuild(), "dpo", Map.of())));
        bom.put("components", components);
        return bom;
    }

    private static Map<String, Object> component(
            String type, String name, String version, String reference, Map<String, Object> others) {
        Map<String, Object> component = new LinkedHashMap<>();
        component.put("type", type);
        component.put("bom-ref", reference);
        component.put("name", name);
        component.put("version", version);
        component.putAll(others);
        return component;
    }

    private static Map<String, Object> jar(Path path) {
        String file = path.getFileName().toString();
        Matcher parts = JAR.matcher(file);
        boolean isNamed = parts.matches();
        String name = isNamed ? parts.group(1) : file.replaceFirst("\\.jar$", "");
        Map<String, Object> others = new LinkedHashMap<>();
        Map<String, Object> hash = new LinkedHashMap<>();
        hash.put("alg", "SHA-256");
        hash.put("content", HashedFile.sha256(path));
        others.put("hashes", List.of(hash));
        String version = isNamed ? parts.group(2) : "";
        try (JarFile jar = new JarFile(path.toFile())) {
            Optional<Properties> maven = maven(jar, name);
            if (maven.isPresent()) {
                String group = maven.get().getProperty("groupId");
                version = maven.get().getProperty("version", version);
                others.put("group", group);
                others.put(
                        "purl",
                        "pkg:maven/" + group + "/" + name + "@" + version + "?type=jar"
                                + (isNamed && parts.group(3) != null ? "&classifier=" + parts.group(3) : ""));
            }
            Optional.ofNullable(jar.getManifest())
                    .map(manifest -> manifest.getMainAttributes().getValue("Bundle-License"))
                    .ifPresent(licence ->
                            others.put("licenses", List.of(Map.of("license", Map.of("name", licence.strip())))));
        } catch (IOException e) {
            throw OutputException.reading(path, e);
        }
        return component("library", name, version, file, others);
    }

    /** The coordinates that Maven has written into a jar. */
    private static Optional<Properties> maven(JarFile jar, String artifact) {
        return jar.stream()
                .filter(entry -> {
                    Matcher pom = POM.matcher(entry.getName());
                    return pom.matches() && pom.group(1).equals(artifact);
                })
                .findFirst()
                .map(entry -> {
                    Properties properties = new Properties();
                    try (InputStream in = jar.getInputStream(entry)) {
                        properties.load(in);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return properties;
                });
    }
}
