package dev.slipway.engine.linux;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/// Runs the tests of a class in [SteppedClasses]: there [HostSteps] decides which changes of the host are made. What
/// goes before and after a test is part of it, and its arguments are of Java's own types; what goes after all of them
/// runs there too.
public final class Stepped implements InvocationInterceptor {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(Stepped.class);

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> call, ExtensionContext context)
            throws Throwable {
        invocation.skip();
        run(call, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> call, ExtensionContext context)
            throws Throwable {
        invocation.skip();
        run(call, context);
    }

    @Override
    public void interceptAfterAllMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> call, ExtensionContext context)
            throws Throwable {
        invocation.skip();
        run(call, context);
    }

    private static void run(ReflectiveInvocationContext<Method> call, ExtensionContext context) throws Throwable {
        Method method = call.getExecutable();
        SteppedClasses classes = context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(
                        SteppedClasses.class,
                        none -> new SteppedClasses(call.getTargetClass().getClassLoader()),
                        SteppedClasses.class);
        Class<?> test = classes.loadClass(call.getTargetClass().getName());
        Constructor<?> constructor = test.getDeclaredConstructor();
        constructor.setAccessible(true);
        Method same = test.getDeclaredMethod(method.getName(), method.getParameterTypes());
        same.setAccessible(true);
        try {
            same.invoke(constructor.newInstance(), call.getArguments().toArray());
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
