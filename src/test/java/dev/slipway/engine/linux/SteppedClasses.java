package dev.slipway.engine.linux;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/// The classes of Slipway once more, in which the calls that change the host are led through [HostSteps]. So the
/// product knows nothing of being counted.
final class SteppedClasses extends ClassLoader {
    private static final String OURS = "dev.slipway.";
    private static final ClassDesc STEPS = HostSteps.class.describeConstable().orElseThrow();
    private static final Set<String> STAND_INS = Arrays.stream(HostSteps.class.getDeclaredMethods())
            .map(SteppedClasses::signature)
            .collect(Collectors.toSet());

    SteppedClasses(ClassLoader parent) {
        super(parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? define(name) : loaded;
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        byte[] bytes;
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            bytes = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] led = name.startsWith(HostSteps.class.getName()) ? bytes : led(bytes);
        return defineClass(name, led, 0, led.length);
    }

    private byte[] led(byte[] bytes) {
        ClassFile form = ClassFile.of(
                ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(getParent())));
        return form.transformClass(form.parse(bytes), ClassTransform.transformingMethodBodies(SteppedClasses::lead));
    }

    private static void lead(CodeBuilder code, CodeElement element) {
        if (element instanceof InvokeInstruction call) {
            MethodTypeDesc type = call.typeSymbol();
            if (call.opcode() != Opcode.INVOKESTATIC) {
                type = type.insertParameterTypes(0, call.owner().asSymbol());
            }
            String name = call.name().stringValue();
            if (STAND_INS.contains(name + type.descriptorString())) {
                code.invokestatic(STEPS, name, type);
                return;
            }
        }
        code.with(element);
    }

    private static String signature(Method method) {
        return method.getName()
                + MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                        .descriptorString();
    }
}
